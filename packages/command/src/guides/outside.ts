import { type HostSnapshot, linkId, recordsOf } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { phrase } from '../plan/context.ts'
import { hasRule } from '../plan/firewall.ts'
import { nameOf } from '../plan/ownChains.ts'
import type { Phrase } from '../plan.ts'
import type { Aim } from './aim.ts'
import { dropsForwarded, forwardAim } from './segment.ts'

type Way = { container: string; bridge: string; subnet: string; gateway: string }

/** Who is on a bridge of the host reaches what lies beyond it, and gets the answers. */
export function outsideAims(snapshot: HostSnapshot, { container, bridge, subnet, gateway }: Way): Aim[] {
  const id = snapshot.host.rootNetns
  const isV6 = subnet.includes(':')
  const out = uplinkOf(snapshot, isV6)
  const rule = (more: Pick<Rule, 'action' | 'chain'> & Partial<Rule>, why: Phrase): Aim => {
    const command: Rule = { do: 'rule.add', netns: 'root', family: isV6 ? 'inet6' : 'inet', ...more }
    const title = phrase('rule.add', { chain: nameOf({ hook: command.chain }) })
    return { command, title, why, done: hasRule(command, snapshot), inputs: { in: 'bridge', out: 'bridge' } }
  }
  return [
    forwardAim(snapshot, { place: 'root', found: { id }, isV6, why: phrase('why.hostForwards', { bridge, gateway }) }),
    ...(dropsForwarded(snapshot)
      ? [
          rule(
            { action: 'accept', chain: 'FORWARD', in: bridge, src: subnet },
            phrase('why.letOut', { bridge, container }),
          ),
          rule(
            { action: 'accept', chain: 'FORWARD', out: bridge, dst: subnet, state: ['RELATED', 'ESTABLISHED'] },
            phrase('why.letBack', { container, subnet }),
          ),
        ]
      : []),
    rule(
      { action: 'masquerade', chain: 'POSTROUTING', src: subnet, ...(out !== undefined && { out }) },
      phrase('why.masquerade', { container, subnet }),
    ),
  ]
}
type Rule = CommandOf<'rule.add'>

/** The link that the host's own way out leaves by. */
function uplinkOf(snapshot: HostSnapshot, isV6: boolean): string | undefined {
  const { rootNetns } = snapshot.host
  const MAIN = 254
  const [first] = recordsOf(snapshot, 'route')
    .filter(
      ({ netns, family, dst, table }) =>
        netns === rootNetns && dst === 'default' && table === MAIN && family === (isV6 ? 'inet6' : 'inet'),
    )
    .sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
  return first?.oif === undefined ? undefined : snapshot.records.link[linkId(rootNetns, first.oif)]?.name
}
