import { randomBytes } from 'node:crypto'
import { type HostSnapshot, type Link, type Neighbour, recordsOf } from '@hopscope/model'
import type { PatchMessage } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'

const NEIGHBOURS = 8

export const aHost = (containers: number): HostSnapshot => generateHost({ containers, id: 'load', name: 'load' })

/**
 * The host a moment later: one link has an alias that says when, and some neighbours another state.
 * The patch is about 1 kB, or as much more as `padding`.
 */
export function later(host: HostSnapshot, step: number, padding = 0): HostSnapshot {
  const [link] = recordsOf(host, 'link')
  if (!link) throw new Error('the host has no link')
  const renamed: Link = { ...link, alias: `${Date.now()}-${noise(padding)}` }
  const state = step % 2 ? 'STALE' : 'REACHABLE'
  const turned = recordsOf(host, 'neighbour').slice(0, NEIGHBOURS)
  const neighbours = turned.map((one): Neighbour => ({ ...one, state }))
  const neighbour = { ...host.records.neighbour, ...Object.fromEntries(neighbours.map((one) => [one.id, one])) }
  return {
    host: host.host,
    records: { ...host.records, neighbour, link: { ...host.records.link, [link.id]: renamed } },
  }
}

/** Text that does not pack to much less. */
const noise = (length: number): string => randomBytes(length).toString('base64').slice(0, length)

/** When the patch was made, in ms since the epoch. */
export function sentAt(patch: PatchMessage): number | undefined {
  const alias = patch.diff.link?.set?.[0]?.fields.alias
  return typeof alias === 'string' ? Number.parseInt(alias, 10) : undefined
}
