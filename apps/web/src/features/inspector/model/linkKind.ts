import type { Link } from '@hopscope/model'
import { fact, facts, onOff, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { inNetns, linkValueAt, type Scope } from './context.ts'
import { fdbRow } from './neighbour.ts'
import type { Section, Value } from './page.ts'

/** What its kind adds to an interface; bridges and veths have sections of their own. */
export function kindSection(s: Scope, link: Link): Section | undefined {
  const { info } = link
  const commands = byHand(s, 'link', link.id, 'link')
  switch (info.kind) {
    case 'vxlan':
      return vxlanSection(s, link)
    case 'macvlan':
    case 'macvtap':
    case 'ipvlan':
      return section('macvlan', [facts(fact('childMode', info.mode)), { kind: 'say', say: say('macvlanNote') }], {
        commands,
      })
    case 'vlan':
      return section('vlan', [facts(fact('vlanId', info.vlanId), fact('vlanProtocol', info.protocol))], { commands })
    case 'tun':
      return section(
        'tun',
        [facts(fact('tunType', info.type), fact('persist', onOff(info.persist)), fact('owner', info.owner))],
        { commands },
      )
    default:
      return undefined
  }
}

function vxlanSection(s: Scope, link: Link): Section | undefined {
  const { info } = link
  if (info.kind !== 'vxlan') return undefined
  const underlay: Value | undefined =
    info.underlay === undefined
      ? undefined
      : link.linkNetns === null
        ? { unknown: 'lowerHidden' }
        : linkValueAt(s, link.linkNetns ?? link.netns, info.underlay)
  const remotes = inNetns(s, 'fdb', link.netns).filter((f) => f.index === link.index && f.dst !== undefined)
  return section(
    'tunnel',
    [
      facts(
        fact('vni', info.vni),
        fact('vxlanPort', info.port),
        fact('vtepLocal', info.local),
        fact('vtepRemote', info.remote ?? info.group),
        fact('underlay', underlay),
        fact('learning', onOff(info.learning)),
        fact('vxlanProxy', onOff(info.proxy)),
        fact('ageing', info.ageing),
      ),
      { kind: 'rows', rows: remotes.map((f) => fdbRow(s, f)), empty: say('noRemotes') },
    ],
    { commands: byHand(s, 'link', link.id, 'link', 'fdb') },
  )
}
