import { attribute, cString, nested, u32BE, u64BE } from '../codec/writer.ts'
import type { Netns } from '../namespaces.ts'
import { type Change, NETLINK, type NetlinkSocket, openNetlink } from '../socket.ts'
import { NFT_MSG, nfnetlinkHeader, nftType } from './messages.ts'
import { dumpNftRules, type NftRule } from './nftables.ts'

/** A table that lives as long as the socket it was made over. Chains without a hook are those that others go to. */
export type TableSpec = {
  family: 'ip' | 'ip6' | 'bridge' | 'arp'
  name: string
  /** Sets of bytes whose elements the kernel forgets after their time; they end what the rules do when nobody else does. */
  timedSets: readonly { name: string; element: Uint8Array; seconds: number }[]
  chains: readonly ChainSpec[]
}
export type ChainSpec = {
  name: string
  hook?: { hook: HookName; priority: number }
  /** Each rule is a list of expressions (see ruleExpressions.ts). */
  rules: readonly (readonly Buffer[])[]
}
type HookName = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'

/** Tables that the kernel deletes when `close` is called or this process ends, however it ends. */
export type OwnedTables = {
  /** The rules of these tables as they are now, with their counters. */
  rules(): NftRule[]
  /** Makes those chains of these tables that are not there yet, all or none of a table. Throws NetlinkError. */
  add(specs: readonly TableSpec[]): void
  /** Empties the sets: what asks for their elements matches no more. */
  disarm(): void
  close(): void
}

const FAMILY = { ip: 2, arp: 3, bridge: 7, ip6: 10 } as const
const HOOK: Record<HookName, number> = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 }
/** Of the arp family. */
const ARP_HOOK: Partial<Record<HookName, number>> = { input: 0, output: 1, forward: 2 }
const OWNER = 2
const SET_TIMEOUT = 0x10
const ACCEPT = 1
const NLM_F_CREATE = 0x400
const NLM_F_EXCL = 0x200
const NLM_F_APPEND = 0x800

/**
 * Makes tables in a namespace, all or none. The socket they belong to keeps the namespace alive until `close`. Throws NetlinkError
 * (EPERM; EOPNOTSUPP or ENOENT where the kernel lacks what they need). Same as "nft -i" and "table ip NAME { flags owner; … }".
 */
export function makeOwnedTables(netns: Netns, specs: readonly TableSpec[]): OwnedTables {
  const socket = openNetlink(netns, NETLINK.NETFILTER)
  try {
    for (const spec of specs)
      socket.transact([...tableOf(spec), ...chainsOf(spec)], `make table ${spec.family} ${spec.name}`)
  } catch (cause) {
    socket.close()
    throw cause
  }
  const there = new Set(specs.flatMap((spec) => spec.chains.map((chain) => placeOf(spec, chain))))
  return {
    rules: () => rulesOf(socket, specs),
    add(more) {
      for (const spec of more) {
        const chains = spec.chains.filter((chain) => !there.has(placeOf(spec, chain)))
        if (chains.length === 0) continue
        socket.transact(chainsOf({ ...spec, chains }), `add to table ${spec.family} ${spec.name}`)
        for (const chain of chains) there.add(placeOf(spec, chain))
      }
    },
    disarm() {
      for (const spec of specs) socket.transact(emptySets(spec), `disarm table ${spec.family} ${spec.name}`)
    },
    close: () => socket.close(),
  }
}

const rulesOf = (socket: NetlinkSocket, specs: readonly TableSpec[]): NftRule[] =>
  specs.flatMap(({ name, family }) => dumpNftRules(socket, { table: name, family: FAMILY[family] }))

const emptySets = ({ family, name, timedSets }: TableSpec): Change[] =>
  timedSets.map(({ name: set }) => ({
    type: nftType(NFT_MSG.DELSETELEM),
    flags: 0,
    payload: Buffer.concat([nfnetlinkHeader(FAMILY[family]), attribute(1, cString(name)), attribute(2, cString(set))]),
  }))

const placeOf = ({ family, name }: TableSpec, chain: ChainSpec): string => `${family} ${name} ${chain.name}`

/** Makes a change of such a table. */
const changing =
  ({ family, name }: TableSpec) =>
  (type: number, flags: number, ...attributes: Buffer[]): Change => ({
    type: nftType(type),
    flags: NLM_F_CREATE | flags,
    payload: Buffer.concat([nfnetlinkHeader(FAMILY[family]), attribute(1, cString(name)), ...attributes]),
  })

/** The table with its sets. */
function tableOf(spec: TableSpec): Change[] {
  const message = changing(spec)
  return [
    message(NFT_MSG.NEWTABLE, NLM_F_EXCL, attribute(2, u32BE(OWNER))),
    ...spec.timedSets.flatMap(({ name: set, element, seconds }, i) => [
      message(
        NFT_MSG.NEWSET,
        NLM_F_EXCL,
        attribute(2, cString(set)),
        attribute(3, u32BE(SET_TIMEOUT)),
        attribute(4, u32BE(0)),
        attribute(5, u32BE(element.length)),
        attribute(10, u32BE(i + 1)),
      ),
      message(
        NFT_MSG.NEWSETELEM,
        0,
        attribute(2, cString(set)),
        nested(3, nested(1, nested(1, attribute(1, element)), attribute(4, u64BE(Math.round(seconds * 1000))))),
      ),
    ]),
  ]
}

const hookNumber = (family: TableSpec['family'], hook: HookName): number =>
  (family === 'arp' ? ARP_HOOK[hook] : undefined) ?? HOOK[hook]

/** The chains with their rules. */
function chainsOf(spec: TableSpec): Change[] {
  const message = changing(spec)
  return [
    ...spec.chains.map(({ name: chain, hook }) => {
      const place =
        hook === undefined
          ? []
          : [
              nested(4, attribute(1, u32BE(hookNumber(spec.family, hook.hook))), attribute(2, u32BE(hook.priority))),
              attribute(5, u32BE(ACCEPT)),
              attribute(7, cString('filter')),
            ]
      return message(NFT_MSG.NEWCHAIN, NLM_F_EXCL, attribute(3, cString(chain)), ...place)
    }),
    ...spec.chains.flatMap(({ name: chain, rules }) =>
      rules.map((expressions) =>
        message(NFT_MSG.NEWRULE, NLM_F_APPEND, attribute(2, cString(chain)), nested(4, ...expressions)),
      ),
    ),
  ]
}
