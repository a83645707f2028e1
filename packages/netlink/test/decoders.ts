import type { Message, Reader } from '../src/codec/reader.ts'
import { decodeSocket } from '../src/diag/sockets.ts'
import { decodeConntrack } from '../src/netfilter/conntrack.ts'
import { decodeNetfilterEvent } from '../src/netfilter/events.ts'
import {
  decodeNftChain,
  decodeNftGeneration,
  decodeNftRule,
  decodeNftSet,
  decodeNftTable,
} from '../src/netfilter/nftables.ts'
import { decodeNftTrace } from '../src/netfilter/trace.ts'
import { decodeAddress } from '../src/route/addresses.ts'
import { decodeRouteEvent } from '../src/route/events.ts'
import { decodeFdbEntry } from '../src/route/fdb.ts'
import { decodeBridgePort, decodeLink } from '../src/route/links.ts'
import { decodeNeighbour } from '../src/route/neighbours.ts'
import { decodeNetconf } from '../src/route/netconf.ts'
import { decodeNsid } from '../src/route/nsids.ts'
import { decodeRoute } from '../src/route/routes.ts'
import { decodeRule } from '../src/route/rules.ts'

/** Every decoder of the package by the name that captured messages are kept under. */
export const DECODERS = {
  links: decodeLink,
  bridgePorts: decodeBridgePort,
  addresses: decodeAddress,
  routes: decodeRoute,
  rules: decodeRule,
  neighbours: decodeNeighbour,
  fdb: decodeFdbEntry,
  netconf: decodeNetconf,
  nsids: decodeNsid,
  nftTables: decodeNftTable,
  nftChains: decodeNftChain,
  nftRules: decodeNftRule,
  nftSets: decodeNftSet,
  nftGeneration: decodeNftGeneration,
  nftTraces: decodeNftTrace,
  conntrack: decodeConntrack,
  sockets: (reader: Reader, message: Message) => decodeSocket(reader, message, 'tcp'),
  routeEvents: decodeRouteEvent,
  netfilterEvents: decodeNetfilterEvent,
} satisfies Record<string, (reader: Reader, message: Message) => unknown>

export type DecoderName = keyof typeof DECODERS
/** A message as the kernel sent it: its type and flags, its payload in hex (the 16 bytes of header removed), and its meaning. */
export type Captured = { type: number; flags: number; payload: string; expected: unknown }

/** Length of what stands before the attributes, by decoder. */
export const HEADER: Record<DecoderName, number> = {
  links: 16,
  bridgePorts: 16,
  addresses: 8,
  routes: 12,
  rules: 12,
  neighbours: 12,
  fdb: 12,
  netconf: 4,
  nsids: 4,
  nftTables: 4,
  nftChains: 4,
  nftRules: 4,
  nftSets: 4,
  nftGeneration: 4,
  nftTraces: 4,
  conntrack: 4,
  sockets: 72,
  routeEvents: 0,
  netfilterEvents: 0,
}
