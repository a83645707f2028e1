import type { HostSnapshot, LinkRef } from '@hopscope/model'
import { type Namer, namerOf, type PathLanguage, sayHop, sayOutcome } from '@hopscope/path'
import type { Story } from '@hopscope/trace'

/** Stories in words, with names and numbers that are others at every run replaced by what they stand for. */
export function storyTexts(stories: readonly Story[], snapshot: HostSnapshot, language: PathLanguage): string {
  const namer: Namer = { ...namerOf(snapshot), link: (link) => linkName(snapshot, link) }
  const replaced = replacements(snapshot)
  const texts = stories.map(({ way }) => {
    const hops = way.hops.map((hop) => `${hop.basis === 'observed' ? '*' : '-'} ${sayHop(hop, language, namer)}`)
    return [...hops, `= ${sayOutcome(way.outcome, language, namer)}`].join('\n')
  })
  return `${replaced(texts.join('\n\n'))}\n`
}

/** A veth is called by the container that it leads to. */
function linkName(snapshot: HostSnapshot, { netns, index, name }: LinkRef): string {
  const links = Object.values(snapshot.records.link)
  const peer = links.find((l) => l.linkNetns === netns && l.iflink === index)
  const container = Object.values(snapshot.records.container).find((c) => c.netns === peer?.netns)
  return name.startsWith('veth') && container ? `veth-${container.name}` : name
}

function replacements({ records }: HostSnapshot): (text: string) => string {
  const containers = new Map(Object.values(records.container).map(({ netns, name }) => [netns, name]))
  const macs = Object.values(records.link).flatMap(({ netns, name, address }) =>
    address ? [{ name: containers.get(netns) ?? name, address }] : [],
  )
  return (text) => {
    let all = text
    for (const { name, address } of macs) if (!name.startsWith('veth')) all = all.replaceAll(address, `MAC-${name}`)
    return (
      all
        // The switch's own, which no record of this host has.
        .replaceAll(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC')
        .replaceAll(/(\d+\.\d+\.\d+\.\d+):\d{5}\b/g, '$1:PORT')
        .replaceAll(/(process |进程 )\d+/g, '$1PID')
    )
  }
}
