import { readFileSync } from 'node:fs'
import { type Sysctl, sysctlId } from '@hopscope/model'
import { dumpNetconf, insideNetns, type Netconf, type NetlinkSocket, type Netns } from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'
import { errnoOf } from './processes.ts'

type LinkSwitches = Sysctl['links'][string]
type BridgeSwitches = Pick<Sysctl, 'bridgeNfCallIptables' | 'bridgeNfCallIp6tables' | 'bridgeNfCallArptables'>

/**
 * The switches that decide whether a namespace forwards, all but bridge-nf-call-*. Same as "ip netconf", or
 * "sysctl net.ipv4.ip_forward" (which is the "all" entry) and its neighbours. Throws NetlinkError.
 */
export function readSysctl({ id: netns }: NetnsEntry, socket: NetlinkSocket): Sysctl {
  const record: Sysctl = { id: sysctlId(netns), netns, links: {} }
  for (const conf of dumpNetconf(socket)) {
    if (conf.ifindex === 'all') Object.assign(record, ofAll(conf))
    else if (conf.ifindex === 'default') Object.assign(record, ofDefault(conf))
    else record.links[conf.ifindex] = { ...record.links[conf.ifindex], ...ofLink(conf) }
  }
  return record
}

/**
 * Whether bridged frames pass through iptables; empty while br_netfilter is not loaded. /proc/sys/net shows the reader's
 * own namespace, so it is read from inside. Same as "nsenter --net=PATH sysctl net.bridge".
 */
export function readBridgeSwitches(netns: Netns): BridgeSwitches {
  return insideNetns(netns, () => ({
    bridgeNfCallIptables: readSwitch('bridge-nf-call-iptables'),
    bridgeNfCallIp6tables: readSwitch('bridge-nf-call-ip6tables'),
    bridgeNfCallArptables: readSwitch('bridge-nf-call-arptables'),
  }))
}

function readSwitch(name: string): boolean | undefined {
  try {
    return readFileSync(`/proc/sys/net/bridge/${name}`, 'utf8').trim() !== '0'
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function ofAll(conf: Netconf): Partial<Sysctl> {
  if (conf.family === 'inet6') return { ip6Forwarding: conf.forwarding }
  return { ipForward: conf.forwarding, rpFilterAll: conf.rpFilter }
}

function ofDefault(conf: Netconf): Partial<Sysctl> {
  return conf.family === 'inet' ? { rpFilterDefault: conf.rpFilter } : {}
}

function ofLink(conf: Netconf): LinkSwitches {
  if (conf.family === 'inet6') return { forwarding6: conf.forwarding }
  return { forwarding4: conf.forwarding, rpFilter: conf.rpFilter, proxyArp: conf.proxyNeigh }
}
