import { type Link, type Sysctl, sysctlId } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { findLink, findNetns } from '../find.ts'
import { Refused } from '../plan.ts'
import { confirmOf, type Planners, phrase, requireChange, single } from './context.ts'

type Key = CommandOf<'sysctl.set'>['key']

export const switchPlanners: Planners<'sysctl.set'> = {
  'sysctl.set'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const link = command.link === undefined ? undefined : findLink(snapshot, netns, command.link)
    const { key, value } = command
    if (value > 1 && key !== 'rp_filter') throw new Refused('VALUE_OUT_OF_RANGE', { key, value }, 'value')
    if (key === 'proxy_arp' && link === undefined) throw new Refused('LINK_NEEDED', { key }, 'link')
    const before = switchedTo(snapshot.records.sysctl[sysctlId(netns.id)], key, link)
    if (before === undefined) throw new Refused('SWITCH_MISSING', { key, why: missing(key) }, 'key')
    requireChange(before !== value)
    const path = pathOf(key, link)
    const write = (to: number) => ({ place: netns.id, argv: ['sysctl', '-w', `${path}=${to}`] })
    const title = phrase('sysctl.set', { key: path, value })
    const expects = [{ kind: 'record', of: 'netns', id: netns.id }] as const
    const plan = single({ command, title, act: write(value), undo: [write(before)], expects, snapshot })
    // The host's own switches are nobody's label to have.
    if (netns.root && snapshot.host.vantage.kind === 'host') return { ...plan, confirm: path }
    return { ...plan, ...confirmOf(snapshot, link ? [link] : []) }
  },
}

function switchedTo(switches: Sysctl | undefined, key: Key, link: Link | undefined): number | undefined {
  const number = (value: boolean | number | undefined) => (value === undefined ? undefined : Number(value))
  const own = link && switches?.links[String(link.index)]
  switch (key) {
    case 'ip_forward':
      return number(link ? own?.forwarding4 : switches?.ipForward)
    case 'ipv6_forwarding':
      return number(link ? own?.forwarding6 : switches?.ip6Forwarding)
    case 'bridge-nf-call-iptables':
      return number(switches?.bridgeNfCallIptables)
    case 'rp_filter':
      return link ? own?.rpFilter : switches?.rpFilterAll
    case 'proxy_arp':
      return number(own?.proxyArp)
  }
}

/** A link's name may hold a dot, which separates words; the slash does so as well. */
function pathOf(key: Key, link: Link | undefined): string {
  const conf = (family: 'ipv4' | 'ipv6', what: string) =>
    link === undefined
      ? `net.${family}.conf.all.${what}`
      : link.name.includes('.')
        ? `net/${family}/conf/${link.name}/${what}`
        : `net.${family}.conf.${link.name}.${what}`
  switch (key) {
    case 'ip_forward':
      return link ? conf('ipv4', 'forwarding') : 'net.ipv4.ip_forward'
    case 'ipv6_forwarding':
      return conf('ipv6', 'forwarding')
    case 'bridge-nf-call-iptables':
      return 'net.bridge.bridge-nf-call-iptables'
    case 'rp_filter':
      return conf('ipv4', 'rp_filter')
    case 'proxy_arp':
      return conf('ipv4', 'proxy_arp')
  }
}

const missing = (key: Key): string =>
  key === 'bridge-nf-call-iptables' ? 'the kernel module br_netfilter is not loaded' : 'the kernel does not have it'
