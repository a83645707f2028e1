import { fieldDecoder } from '../codec/fields.ts'
import type { Message, Reader } from '../codec/reader.ts'
import { attribute, cString } from '../codec/writer.ts'
import { flagNames } from '../route/names.ts'
import type { NetlinkSocket } from '../socket.ts'
import { type Expression, type RuleCounter, readExpressions } from './expressions.ts'
import { NFT_MSG, nfnetlinkHeader, nftFamily, nftType } from './messages.ts'

export type NftTable = { family: string; name: string; handle?: number; flags: string[]; use?: number; owner?: number }
export type NftHook = { hook: string; priority: number; devices: string[] }
/** A chain; `hook`, `type` and `policy` only on a base chain. */
export type NftChain = {
  family: string
  table: string
  name: string
  handle?: number
  type?: string
  hook?: NftHook
  policy?: 'accept' | 'drop'
  use?: number
  /** base, hw_offload, binding. */
  flags: string[]
}
/** A rule with its expressions as the kernel has them. `position` is the handle of the rule before it, in events and dumps. */
export type NftRule = {
  family: string
  table: string
  chain: string
  handle?: number
  position?: number
  comment?: string
  expressions: Expression[]
  /** Of the first counter expression. */
  counter?: RuleCounter
}
export type NftSet = { family: string; table: string; name: string; handle?: number; flags: number; keyLength?: number }
/** The set or map that some elements are of. */
export type NftElements = { family: string; table: string; name: string }
/** The ruleset's generation: it changes with every transaction. */
export type NftGeneration = { id: number; pid?: number; process?: string }

/** Generation id of the namespace's ruleset: unchanged means that no rule changed. Same as the "# new generation" of "nft monitor". */
export function nftGeneration(socket: NetlinkSocket): NftGeneration {
  const request = { type: nftType(NFT_MSG.GETGEN), payload: nfnetlinkHeader(0), doing: 'get ruleset generation' }
  const [generation] = socket.get(request, decodeNftGeneration)
  if (generation === undefined) throw new Error('the kernel answered without a ruleset generation')
  return generation
}

/** Tables of all families. Same as "nft -a list tables". Throws NetlinkError. */
export function dumpNftTables(socket: NetlinkSocket): NftTable[] {
  return dump(socket, NFT_MSG.GETTABLE, { doing: 'dump tables', decode: decodeNftTable })
}

/** Chains of all families. Same as "nft -a list chains". Throws NetlinkError. */
export function dumpNftChains(socket: NetlinkSocket): NftChain[] {
  return dump(socket, NFT_MSG.GETCHAIN, { doing: 'dump chains', decode: decodeNftChain })
}

/**
 * Rules of all tables, or of one, in order. Without its family (the kernel's number) a table is the first of that name. Same as
 * "nft -a list ruleset". Throws NetlinkError.
 */
export function dumpNftRules(socket: NetlinkSocket, filter: { table?: string; family?: number } = {}): NftRule[] {
  const { family } = filter
  const wanted = filter.table === undefined ? undefined : attribute(1, cString(filter.table))
  const rules = dump(socket, NFT_MSG.GETRULE, { doing: 'dump rules', decode: decodeNftRule, filter: wanted, family })
  return filter.table === undefined ? rules : rules.filter((rule) => rule.table === filter.table)
}

/** Sets and maps without their elements. Same as "nft -t list sets". Throws NetlinkError. */
export function dumpNftSets(socket: NetlinkSocket): NftSet[] {
  return dump(socket, NFT_MSG.GETSET, { doing: 'dump sets', decode: decodeNftSet })
}

export function decodeNftGeneration(reader: Reader, message: Message): NftGeneration | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { id, pid, process } = readGeneration(reader, message.start + 4, message.end)
  return id === undefined ? undefined : { id, pid, process }
}

export function decodeNftTable(reader: Reader, message: Message): NftTable | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { name, flags = 0, ...rest } = readTable(reader, message.start + 4, message.end)
  if (name === undefined) return undefined
  return { family: familyOf(reader, message), name, flags: flagNames(flags, TABLE_FLAGS), ...rest }
}

export function decodeNftChain(reader: Reader, message: Message): NftChain | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { table, name, hook, policy, flags = 0, ...rest } = readChain(reader, message.start + 4, message.end)
  if (table === undefined || name === undefined) return undefined
  const family = familyOf(reader, message)
  const chain: NftChain = { family, table, name, flags: flagNames(flags, CHAIN_FLAGS), ...rest }
  if (policy !== undefined) chain.policy = policy === 1 ? 'accept' : 'drop'
  if (hook?.number === undefined) return chain
  const devices = hook.device === undefined ? (hook.devices ?? []) : [hook.device]
  chain.hook = { hook: hookName(family, hook.number), priority: hook.priority ?? 0, devices }
  return chain
}

export function decodeNftRule(reader: Reader, message: Message): NftRule | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { table, chain, body, ...rest } = readRule(reader, message.start + 4, message.end)
  if (table === undefined || chain === undefined) return undefined
  return { family: familyOf(reader, message), table, chain, expressions: [], ...rest, ...body }
}

export function decodeNftSet(reader: Reader, message: Message): NftSet | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { table, name, flags = 0, ...rest } = readSet(reader, message.start + 4, message.end)
  if (table === undefined || name === undefined) return undefined
  return { family: familyOf(reader, message), table, name, flags, ...rest }
}

export function decodeNftElements(reader: Reader, message: Message): NftElements | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { table, name } = readElements(reader, message.start + 4, message.end)
  return table === undefined || name === undefined ? undefined : { family: familyOf(reader, message), table, name }
}

type Dump<T> = {
  doing: string
  decode: (reader: Reader, message: Message) => T | undefined
  filter?: Buffer
  family?: number
}

function dump<T>(socket: NetlinkSocket, type: number, { doing, decode, filter, family = 0 }: Dump<T>): T[] {
  const header = nfnetlinkHeader(family)
  const payload = filter === undefined ? header : Buffer.concat([header, filter])
  return socket.dump({ type: nftType(type), payload, doing }, decode)
}

function familyOf(reader: Reader, message: Message): string {
  return nftFamily(reader.bytes.readUInt8(message.start))
}

const readGeneration = fieldDecoder({ 1: ['id', 'u32BE'], 2: ['pid', 'u32BE'], 3: ['process', 'text'] })
const readTable = fieldDecoder({
  1: ['name', 'text'],
  2: ['flags', 'u32BE'],
  3: ['use', 'u32BE'],
  4: ['handle', 'u64BE'],
  5: ['padding', 'skip'],
  6: ['userdata', 'skip'],
  7: ['owner', 'u32BE'],
})
const readHook = fieldDecoder({
  1: ['number', 'u32BE'],
  2: ['priority', 'i32BE'],
  3: ['device', 'text'],
  4: ['devices', deviceNames],
})
const readChain = fieldDecoder({
  1: ['table', 'text'],
  2: ['handle', 'u64BE'],
  3: ['name', 'text'],
  4: ['hook', readHook],
  5: ['policy', 'u32BE'],
  6: ['use', 'u32BE'],
  7: ['type', 'text'],
  8: ['counters', 'skip'],
  9: ['padding', 'skip'],
  10: ['flags', 'u32BE'],
  11: ['id', 'skip'],
  12: ['userdata', 'skip'],
})
const readRule = fieldDecoder({
  1: ['table', 'text'],
  2: ['chain', 'text'],
  3: ['handle', 'u64BE'],
  4: ['body', readExpressions],
  5: ['compat', 'skip'],
  6: ['position', 'u64BE'],
  7: ['comment', userdataComment],
  8: ['padding', 'skip'],
  9: ['id', 'skip'],
  10: ['positionId', 'skip'],
  11: ['chainId', 'skip'],
})
const readSet = fieldDecoder({
  1: ['table', 'text'],
  2: ['name', 'text'],
  3: ['flags', 'u32BE'],
  4: ['keyType', 'skip'],
  5: ['keyLength', 'u32BE'],
  6: ['dataType', 'skip'],
  7: ['dataLength', 'skip'],
  8: ['policy', 'skip'],
  9: ['description', 'skip'],
  10: ['id', 'skip'],
  11: ['timeout', 'skip'],
  12: ['gcInterval', 'skip'],
  13: ['userdata', 'skip'],
  14: ['padding', 'skip'],
  15: ['objectType', 'skip'],
  16: ['handle', 'u64BE'],
  17: ['expression', 'skip'],
  18: ['expressions', 'skip'],
  19: ['type', 'skip'],
  20: ['count', 'skip'],
})

const readElements = fieldDecoder({
  1: ['table', 'text'],
  2: ['name', 'text'],
  3: ['elements', 'skip'],
  4: ['setId', 'skip'],
})

function deviceNames(reader: Reader, start: number, end: number): string[] {
  const names: string[] = []
  reader.attributes(start, end, (_type, from, to) => names.push(reader.text(from, to)))
  return names
}

/** libnftnl keeps a rule's comment as type 0 in its own byte-sized type, length, value records. */
function userdataComment(reader: Reader, start: number, end: number): string | undefined {
  for (let at = start; at + 2 <= end; ) {
    const type = reader.bytes.readUInt8(at)
    const length = reader.bytes.readUInt8(at + 1)
    if (!reader.has(at + 2, end, length)) return undefined
    if (type === 0) return reader.text(at + 2, at + 2 + length)
    at += 2 + length
  }
  return undefined
}

function hookName(family: string, hook: number): string {
  return (OWN_HOOKS[family] ?? HOOKS)[hook] ?? String(hook)
}
/** Families whose hooks are others. */
const OWN_HOOKS: Readonly<Record<string, readonly string[]>> = {
  netdev: ['ingress', 'egress'],
  arp: ['input', 'output', 'forward'],
}
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress']

const TABLE_FLAGS: readonly (readonly [number, string])[] = [
  [1, 'dormant'],
  [2, 'owner'],
  [4, 'persist'],
]
const CHAIN_FLAGS: readonly (readonly [number, string])[] = [
  [1, 'base'],
  [2, 'hw_offload'],
  [4, 'binding'],
]
