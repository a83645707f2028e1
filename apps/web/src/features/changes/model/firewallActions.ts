import type { Conntrack, FwChain, FwRule, HostSnapshot } from '@hopscope/model'
import { isOwnRule, publishText, readOwnPort } from '@hopscope/topology'
import { netnsRefOf } from './choices.ts'
import { type Draft, draft } from './draft.ts'

const HOOKS = ['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING']
/** Of the tables that rules of ours can stand in, what they mostly do there. */
const USUAL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  filter: { INPUT: 'drop', FORWARD: 'drop', OUTPUT: 'drop' },
  nat: { PREROUTING: 'dnat', OUTPUT: 'dnat', POSTROUTING: 'masquerade' },
}

/** A rule of ours for the place where a chain stands: a chain of the kernel's, or one of ours. */
export function chainActions({ netns, family, table, chain }: FwChain, snapshot: HostSnapshot): Draft[] {
  const hook = chain.replace(/^HOPSCOPE-/, '')
  const action = USUAL[table]?.[hook]
  if (!HOOKS.includes(hook) || action === undefined || (family !== 'ip' && family !== 'ip6')) return []
  const known = { netns: netnsRefOf(snapshot, netns), chain: hook, family: family === 'ip' ? 'inet' : 'inet6' }
  const one = draft('addRuleHere', 'rule.add', known, chain)
  return [{ ...one, values: { ...known, action } }]
}

/** Our own rules can be deleted; those that publish a port go with it. */
export function ruleActions(rule: FwRule): Draft[] {
  if (!isOwnRule(rule)) return []
  const port = readOwnPort(rule.comment ?? '')
  if (port === undefined) return [draft('deleteRule', 'rule.delete', { rule: rule.id, text: rule.text }, rule.text)]
  const { container } = port
  const publish = publishText(port)
  return [draft('unpublish', 'port.unpublish', { container, publish, by: 'rules' }, `${publish} · ${container}`)]
}

export function conntrackActions({ netns, protocol, orig }: Conntrack, snapshot: HostSnapshot): Draft[] {
  const { src, dst, sport, dport, icmpId } = orig
  const number = (path: string, value: number | undefined) => (value === undefined ? {} : { [path]: String(value) })
  const known = {
    ...{ netns: netnsRefOf(snapshot, netns), protocol, src, dst },
    ...number('sport', sport),
    ...number('dport', dport),
    ...number('icmpId', icmpId),
  }
  return [{ ...draft('deleteConnection', 'conntrack.delete', known, `${src} → ${dst}`), fixed: TUPLE }]
}
const TUPLE = ['netns', 'protocol', 'src', 'dst', 'sport', 'dport', 'icmpId']
