import { z } from 'zod'
import { addressSchema } from './records/address.ts'
import { conntrackSchema } from './records/conntrack.ts'
import { containerSchema, dockerEngineSchema, dockerNetworkSchema } from './records/docker.ts'
import { fwChainSchema, fwRuleSchema, fwTableSchema } from './records/firewall.ts'
import { linkSchema } from './records/link.ts'
import { fdbSchema, neighbourSchema } from './records/neighbour.ts'
import { netnsSchema } from './records/netns.ts'
import { policyRuleSchema, routeSchema } from './records/route.ts'
import { socketSchema } from './records/socket.ts'
import { sourceSchema } from './records/source.ts'
import { sysctlSchema } from './records/sysctl.ts'

/** One schema per kind of record: the only list of kinds there is. */
export const recordSchemas = {
  source: sourceSchema,
  netns: netnsSchema,
  link: linkSchema,
  address: addressSchema,
  route: routeSchema,
  policyRule: policyRuleSchema,
  neighbour: neighbourSchema,
  fdb: fdbSchema,
  sysctl: sysctlSchema,
  fwTable: fwTableSchema,
  fwChain: fwChainSchema,
  fwRule: fwRuleSchema,
  conntrack: conntrackSchema,
  socket: socketSchema,
  container: containerSchema,
  dockerNetwork: dockerNetworkSchema,
  dockerEngine: dockerEngineSchema,
} as const

export type RecordKind = keyof typeof recordSchemas
export type RecordOf<K extends RecordKind> = z.infer<(typeof recordSchemas)[K]>
export type AnyRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind]
// Object.keys loses the key type; the object above is closed, so the list is exact.
export const RECORD_KINDS = Object.keys(recordSchemas) as RecordKind[]

export const hostInfoSchema = z.strictObject({
  /** Stable over restarts of agent and host: from the machine id, plus the sandbox's name. */
  id: z.string(),
  name: z.string(),
  /** A sandbox host is a host of its own on the map. */
  vantage: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('host') }),
    z.strictObject({ kind: z.literal('sandbox'), sandbox: z.string(), rootless: z.boolean() }),
  ]),
  kernel: z.string(),
  /** Same for all vantages of one running kernel: namespaces of hosts that share it may be joined. */
  bootId: z.string(),
  os: z.string().optional(),
  rootNetns: z.string(),
  agentVersion: z.string(),
  /** The back end that the plain name `iptables` stands for; absent where it is not installed. */
  iptables: z.enum(['legacy', 'nft']).optional(),
  /** True when the agent has every capability it wants. */
  privileged: z.boolean(),
  /** Kinds of links that this kernel cannot make, such as ipvlan. */
  lacks: z.array(z.string()).optional(),
})
export type HostInfo = z.infer<typeof hostInfoSchema>

export type Records = { readonly [K in RecordKind]: Readonly<Record<string, RecordOf<K>>> }
/** All that is known of one host at one moment. Treated as immutable. */
export type HostSnapshot = { readonly host: HostInfo; readonly records: Records }

const recordsShape = Object.fromEntries(
  Object.entries(recordSchemas).map(([kind, schema]) => [kind, z.record(z.string(), schema)]),
)
/** Strict schema of a whole snapshot. */
export const hostSnapshotSchema = z.strictObject({
  host: hostInfoSchema,
  records: z.strictObject(recordsShape),
}) as unknown as z.ZodType<HostSnapshot> // fromEntries forgets which schema belongs to which key

/** Some records of a snapshot, as lists by kind. */
export type RecordLists = { readonly [K in RecordKind]?: readonly RecordOf<K>[] }
export const recordListsSchema = z.strictObject(
  Object.fromEntries(Object.entries(recordSchemas).map(([kind, schema]) => [kind, z.array(schema).optional()])),
) as unknown as z.ZodType<RecordLists> // fromEntries forgets which schema belongs to which key

/** A snapshot without any record. */
export function emptySnapshot(host: HostInfo): HostSnapshot {
  // Every kind gets its (empty) table: the same reason as above.
  return { host, records: Object.fromEntries(RECORD_KINDS.map((k) => [k, {}])) as Records }
}

/** The records of one kind as an array. */
export function recordsOf<K extends RecordKind>(snapshot: HostSnapshot, kind: K): RecordOf<K>[] {
  return Object.values(snapshot.records[kind]) as RecordOf<K>[] // Object.values widens the mapped type
}
