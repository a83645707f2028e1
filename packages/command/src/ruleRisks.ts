import { type HostSnapshot, inSubnet, type Link } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'

/** Somebody's way, as far as rules of the namespace that it passes can match it. */
export type Passing = { remote: string; links: readonly Link[]; isForwarded: boolean }

/** Whether a new rule could drop or lead away packets to or from the far end. Ports are not known, so that all of them count. */
export function addCuts(command: CommandOf<'rule.add'>, { remote, links, isForwarded }: Passing): boolean {
  const { action, chain, family, protocol, src, dst } = command
  if (!['drop', 'reject', 'dnat'].includes(action)) return false
  if (chain === 'FORWARD' && !isForwarded) return false
  if ((family === 'inet6') !== remote.includes(':') || (protocol !== undefined && protocol !== 'tcp')) return false
  const holds = (cidr: string | undefined) => {
    const [network = '', length] = (cidr ?? '').split('/')
    return cidr === undefined || inSubnet(remote, network, Number(length))
  }
  const passes = (name: string | undefined) => name === undefined || links.some((link) => link.name === name)
  const isOut = chain === 'OUTPUT'
  // What is forwarded passes in both directions.
  const far = isForwarded && chain === 'FORWARD' ? holds(src) || holds(dst) : holds(isOut ? dst : src)
  return far && passes(isOut ? command.out : command.in)
}

/** Whether a rule of ours that is deleted could be what lets the packets of this host in or out. */
export function deleteCuts({ rule: id }: CommandOf<'rule.delete'>, snapshot: HostSnapshot, netns: string): boolean {
  const rule = Object.hasOwn(snapshot.records.fwRule, id) ? snapshot.records.fwRule[id] : undefined
  return rule?.netns === netns && rule.target === 'ACCEPT'
}
