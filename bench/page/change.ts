import type { HostSnapshot, Link } from '@hopscope/model'

/** The host with both ends of every nth container's veth toggled between a carrier and none: every nth box changes. */
export function flipped(host: HostSnapshot, every: number, round: number): HostSnapshot {
  const root = host.host.rootNetns
  const chosen = new Set(
    Object.values(host.records.container)
      .filter((c, i) => c.netns !== undefined && c.netns !== root && i % every === round % every)
      .map((c) => c.netns),
  )
  const link: Record<string, Link> = { ...host.records.link }
  for (const [id, l] of Object.entries(link)) {
    const mine = l.info.kind === 'veth' && (chosen.has(l.netns) || chosen.has(l.linkNetns ?? undefined))
    if (mine) link[id] = { ...l, flags: toggled(l.flags) }
  }
  return { host: host.host, records: { ...host.records, link } }
}

const toggled = (flags: readonly string[]): string[] =>
  flags.includes('LOWER_UP') ? flags.filter((f) => f !== 'LOWER_UP') : [...flags, 'LOWER_UP']
