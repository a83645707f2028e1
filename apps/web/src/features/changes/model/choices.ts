import { type HostSnapshot, type Link, type Netns, recordsOf } from '@hopscope/model'
import type { Values } from './draft.ts'
import type { Among, Field } from './fields.ts'

export type Choice = { value: string; text: string }

/** How a command names a namespace: by what people call it while only one is called so, else by its id. */
export function netnsRefOf(snapshot: HostSnapshot, id: string): string {
  return netnsRefs(snapshot).get(id) ?? id
}

/** The namespaces of a host, its own first. */
export function netnsChoices(snapshot: HostSnapshot): Choice[] {
  const refs = netnsRefs(snapshot)
  const names = namesOf(snapshot)
  return recordsOf(snapshot, 'netns')
    .map(({ id, root }) => ({
      root,
      value: refs.get(id) ?? id,
      text: names.get(id)?.join(', ') || (refs.get(id) ?? id),
    }))
    .sort((a, b) => Number(b.root) - Number(a.root) || natural(a.text, b.text))
    .map(({ value, text }) => ({ value, text }))
}

/** The links that a field offers. */
export function linkChoices(snapshot: HostSnapshot, field: Field, values: Values): Choice[] {
  if (field.kind !== 'link') return []
  const ref = field.of === 'root' ? 'root' : values[field.of ?? 'netns']
  const netns = [...netnsRefs(snapshot)].find(([, name]) => name === ref)?.[0]
  return recordsOf(snapshot, 'link')
    .filter((link) => link.netns === netns && isAmong(link, field.among))
    .map(({ name }) => ({ value: name, text: name }))
    .sort((a, b) => natural(a.text, b.text))
}

export const containerChoices = (snapshot: HostSnapshot): Choice[] =>
  recordsOf(snapshot, 'container')
    .map(({ name }) => ({ value: name, text: name }))
    .sort((a, b) => natural(a.text, b.text))

/** The images that the host has, by their names. */
export const imageChoices = (snapshot: HostSnapshot): Choice[] =>
  (recordsOf(snapshot, 'dockerEngine')[0]?.images ?? [])
    .map(({ name }) => ({ value: name, text: name }))
    .sort((a, b) => natural(a.text, b.text))

/** Docker's networks; with `modes`, also the namespaces of containers that can be shared. */
export function networkChoices(snapshot: HostSnapshot, modes: boolean): Choice[] {
  const alone = ['host', 'none']
  const networks = recordsOf(snapshot, 'dockerNetwork').filter(
    ({ name, ingress }) => !ingress && (modes || !alone.includes(name)),
  )
  const shared = modes
    ? recordsOf(snapshot, 'container').filter(
        ({ netns, networkMode }) => netns && !networkMode.startsWith('container:'),
      )
    : []
  return [
    ...networks.map(({ name }) => name).sort(natural),
    ...shared.map(({ name }) => `container:${name}`).sort(natural),
  ].map((value) => ({ value, text: value }))
}

function isAmong(link: Link, among: Among): boolean {
  switch (among) {
    case 'any':
      return true
    case 'bridges':
      return link.info.kind === 'bridge'
    case 'pluggable':
      return link.info.kind !== 'bridge' && link.type !== 'loopback' && link.master === undefined
    case 'ethernet':
      return link.type === 'ether'
  }
}

/** By id, what each namespace is called: as `ip netns` and Docker do. */
function namesOf(snapshot: HostSnapshot): Map<string, string[]> {
  const names = new Map<string, string[]>()
  const add = (id: string, name: string) => names.set(id, [...new Set([...(names.get(id) ?? []), name])])
  for (const netns of recordsOf(snapshot, 'netns')) for (const name of givenNames(netns)) add(netns.id, name)
  for (const { netns, name } of recordsOf(snapshot, 'container')) {
    if (netns !== undefined && netns !== snapshot.host.rootNetns) add(netns, name)
  }
  return names.set(snapshot.host.rootNetns, ['root'])
}

const givenNames = ({ names }: Netns): string[] => names.filter(({ by }) => by === 'iproute2').map(({ name }) => name)

const known = new WeakMap<HostSnapshot, Map<string, string>>()

/** By id, the name that no other namespace has. Found once for each state of a host. */
function netnsRefs(snapshot: HostSnapshot): Map<string, string> {
  const found = known.get(snapshot)
  if (found) return found
  const names = namesOf(snapshot)
  const count = new Map<string, number>()
  for (const name of [...names.values()].flat()) count.set(name, (count.get(name) ?? 0) + 1)
  const refs = new Map<string, string>()
  for (const { id } of recordsOf(snapshot, 'netns')) {
    refs.set(id, names.get(id)?.find((name) => count.get(name) === 1 && name.length <= 200) ?? id)
  }
  known.set(snapshot, refs)
  return refs
}

const natural = new Intl.Collator('en', { numeric: true }).compare
