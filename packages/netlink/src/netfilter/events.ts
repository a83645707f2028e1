import type { Message, Reader } from '../codec/reader.ts'
import { type ConntrackEntry, decodeConntrack } from './conntrack.ts'
import { NFT_MSG, SUBSYSTEM } from './messages.ts'
import {
  decodeNftChain,
  decodeNftElements,
  decodeNftGeneration,
  decodeNftRule,
  decodeNftSet,
  decodeNftTable,
  type NftChain,
  type NftElements,
  type NftGeneration,
  type NftRule,
  type NftSet,
  type NftTable,
} from './nftables.ts'

/** Netfilter multicast groups. */
export const NFNLGRP = { CONNTRACK_NEW: 1, CONNTRACK_UPDATE: 2, CONNTRACK_DESTROY: 3, NFTABLES: 7 } as const

type Action = 'new' | 'del'
/** A change that netfilter reports. `nftGeneration` ends a transaction's events. */
export type NetfilterEvent =
  | { kind: 'conntrack'; action: 'new' | 'update' | 'destroy'; entry: ConntrackEntry }
  | { kind: 'nftTable'; action: Action; table: NftTable }
  | { kind: 'nftChain'; action: Action; chain: NftChain }
  | { kind: 'nftRule'; action: Action; rule: NftRule }
  | { kind: 'nftSet'; action: Action; set: NftSet }
  | { kind: 'nftElement'; action: Action; set: NftElements }
  | { kind: 'nftGeneration'; action: 'new'; generation: NftGeneration }

const IPCTNL_MSG_CT_DELETE = 2
const NLM_F_EXCL_OR_CREATE = 0x600

/** The change that a netfilter message reports, undefined when it is cut or of no interest. Same as "nft monitor", "conntrack -E". */
export function decodeNetfilterEvent(reader: Reader, message: Message): NetfilterEvent | undefined {
  const subsystem = message.type >> 8
  if (subsystem === SUBSYSTEM.CONNTRACK) return conntrackEvent(reader, message)
  return subsystem === SUBSYSTEM.NFTABLES ? nftEvent(reader, message) : undefined
}

function conntrackEvent(reader: Reader, message: Message): NetfilterEvent | undefined {
  const entry = decodeConntrack(reader, message)
  if (entry === undefined) return undefined
  const destroyed = (message.type & 0xff) === IPCTNL_MSG_CT_DELETE
  const action = destroyed ? 'destroy' : message.flags & NLM_F_EXCL_OR_CREATE ? 'new' : 'update'
  return { kind: 'conntrack', action, entry }
}

function nftEvent(reader: Reader, message: Message): NetfilterEvent | undefined {
  switch (message.type & 0xff) {
    case NFT_MSG.NEWTABLE:
      return wrap(decodeNftTable(reader, message), (table) => ({ kind: 'nftTable', action: 'new', table }))
    case NFT_MSG.DELTABLE:
      return wrap(decodeNftTable(reader, message), (table) => ({ kind: 'nftTable', action: 'del', table }))
    case NFT_MSG.NEWCHAIN:
      return wrap(decodeNftChain(reader, message), (chain) => ({ kind: 'nftChain', action: 'new', chain }))
    case NFT_MSG.DELCHAIN:
      return wrap(decodeNftChain(reader, message), (chain) => ({ kind: 'nftChain', action: 'del', chain }))
    case NFT_MSG.NEWRULE:
      return wrap(decodeNftRule(reader, message), (rule) => ({ kind: 'nftRule', action: 'new', rule }))
    case NFT_MSG.DELRULE:
      return wrap(decodeNftRule(reader, message), (rule) => ({ kind: 'nftRule', action: 'del', rule }))
    case NFT_MSG.NEWSET:
      return wrap(decodeNftSet(reader, message), (set) => ({ kind: 'nftSet', action: 'new', set }))
    case NFT_MSG.DELSET:
      return wrap(decodeNftSet(reader, message), (set) => ({ kind: 'nftSet', action: 'del', set }))
    case NFT_MSG.NEWSETELEM:
      return wrap(decodeNftElements(reader, message), (set) => ({ kind: 'nftElement', action: 'new', set }))
    case NFT_MSG.DELSETELEM:
      return wrap(decodeNftElements(reader, message), (set) => ({ kind: 'nftElement', action: 'del', set }))
    case NFT_MSG.NEWGEN:
      return wrap(decodeNftGeneration(reader, message), (generation) => ({
        kind: 'nftGeneration',
        action: 'new',
        generation,
      }))
    default:
      return undefined // objects and flowtables: the generation tells that something changed
  }
}

function wrap<T>(record: T | undefined, make: (record: T) => NetfilterEvent): NetfilterEvent | undefined {
  return record === undefined ? undefined : make(record)
}
