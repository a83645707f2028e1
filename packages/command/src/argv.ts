import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { ownPortText, quote } from '@hopscope/topology'
import type { Act, Owner, Place, Program } from './plan.ts'

/** The words that run an act, as a person would type them; undefined when nothing leads to its namespace any more. */
export function argvOf(snapshot: HostSnapshot, { place, owner, argv }: Program): string[] | undefined {
  const way = owner === undefined || isStill(snapshot, place, owner) ? wayInto(snapshot, place) : byName(owner)
  if (way === undefined) return undefined
  const [program = '', ...rest] = argv
  switch (way.by) {
    case 'here':
      return [...argv]
    case 'name':
      if (program === 'ip' || program === 'bridge') return [program, '-n', way.name, ...rest]
      return ['ip', 'netns', 'exec', way.name, ...argv]
    case 'process':
      return ['nsenter', '-t', String(way.pid), '-n', ...argv]
    case 'file':
      return ['nsenter', `--net=${way.path}`, ...argv]
  }
}

/** Whose a namespace is: the kernel gives its number to another one when it is gone. */
export function ownerOf(snapshot: HostSnapshot, place: Place): Owner | undefined {
  const name = snapshot.records.netns[place]?.names.find(({ by }) => by === 'iproute2')?.name
  if (name !== undefined) return { name }
  const container = recordsOf(snapshot, 'container').find(({ netns }) => netns === place && netns !== rootOf(snapshot))
  return container && { container: container.id }
}

const rootOf = ({ host }: HostSnapshot): string => host.rootNetns

function isStill(snapshot: HostSnapshot, place: Place, owner: Owner): boolean {
  if ('name' in owner)
    return (
      snapshot.records.netns[place]?.names.some(({ by, name }) => by === 'iproute2' && name === owner.name) ?? false
    )
  return snapshot.records.container[owner.container]?.netns === place
}

/** Deleted and made again under its name it is the same one for us; a container's is not, for what was in it is gone. */
const byName = (owner: Owner): Way | undefined => ('name' in owner ? { by: 'name', name: owner.name } : undefined)

/** The same as one line for a shell. */
export const shellOf = (argv: readonly string[]): string => argv.map(quote).join(' ')

/** An act as one line for a shell; what the agent does by itself is a comment there. */
export function lineOf(snapshot: HostSnapshot, act: Act): string {
  if ('keep' in act) return `# Hopscope keeps ${ownPortText(act.keep)} and puts it back when its rules get lost`
  if ('withdraw' in act) return `# Hopscope takes ${ownPortText(act.withdraw)} away and keeps it no longer`
  if ('forget' in act) return `# Hopscope keeps ${ownPortText(act.forget)} no longer`
  const line = shellOf(argvOf(snapshot, act) ?? act.argv)
  if (act.into !== undefined) return `${line} > ${quote(act.into)}`
  if (act.ifEmpty === undefined) return line
  const list = { ...act, argv: act.ifEmpty }
  return `${shellOf(argvOf(snapshot, list) ?? list.argv)} | grep -q '^-A ' || ${line}`
}

/** How `ip link set … netns` is told a namespace: by name, by a process or by a file. */
export function netnsWord(snapshot: HostSnapshot, place: Place): string | undefined {
  const way = wayInto(snapshot, place)
  switch (way?.by) {
    case 'name':
      return way.name
    case 'process':
      return String(way.pid)
    case 'file':
      return way.path
    case 'here':
      return '1'
    default:
      return undefined
  }
}

type Way = { by: 'here' } | { by: 'name'; name: string } | { by: 'process'; pid: number } | { by: 'file'; path: string }

function wayInto(snapshot: HostSnapshot, place: Place): Way | undefined {
  if (place === snapshot.host.rootNetns) return { by: 'here' }
  if (place.startsWith('name:')) return { by: 'name', name: place.slice('name:'.length) }
  const netns = snapshot.records.netns[place]
  if (netns === undefined) return undefined
  const named = netns.names.find(({ by }) => by === 'iproute2')
  if (named) return { by: 'name', name: named.name }
  // The lowest, where containers share it: whoever holds the same records, in whatever order, must say the same.
  const pids = Object.values(snapshot.records.container).flatMap((one) =>
    one.netns === place && one.pid !== undefined ? [one.pid] : [],
  )
  const pid = pids.length > 0 ? Math.min(...pids) : netns.processes[0]?.pid
  if (pid !== undefined) return { by: 'process', pid }
  const path = netns.names[0]?.path ?? netns.path
  return path ? { by: 'file', path } : undefined
}

/** `ip` with the words of a family and an object: `ip -6 route`. */
export const ipOf = (family: 'inet' | 'inet6', object: string): string[] =>
  family === 'inet6' ? ['ip', '-6', object] : ['ip', object]
