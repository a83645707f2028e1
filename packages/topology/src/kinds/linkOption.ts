import type { Container } from '@hopscope/model'
import { addEdge, type Draft, nodeId, refTo, worst } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { containerState } from '../state.ts'

/** `docker run --link db:alias`: from the container that has it to the one it names. */
export function addLinkOptions(d: Draft, f: HostFacts): void {
  for (const c of f.containers) {
    if (c.links.length === 0 && c.attachments.every((a) => a.links.length === 0)) continue
    const source = d.nodeOfContainer.get(nodeId(f.id, c.id))
    if (source === undefined) continue
    for (const text of new Set([...c.links, ...c.attachments.flatMap((a) => a.links)])) {
      const { name, alias } = parseLink(text)
      const to = f.containers.find((o) => o.name === name || o.containerId === name)
      const target = to && d.nodeOfContainer.get(nodeId(f.id, to.id))
      if (!to || target === undefined) continue
      const state = worst(containerState(c), containerState(to))
      addEdge(d, { kind: 'link-option', source, target, state, label: alias, secondary: true, refs: refs(f, c, to) })
    }
  }
}

/** `db:alias` as typed, or `/db:/web/alias` as Docker tells it. */
export function parseLink(text: string): { name: string; alias: string } {
  const [first = '', second] = text.split(':')
  const name = first.replace(/^\//, '')
  return { name, alias: second === undefined ? name : (second.split('/').at(-1) ?? name) }
}

const refs = (f: HostFacts, from: Container, to: Container) => [refTo(f, 'container', from), refTo(f, 'container', to)]
