import { recordsOf, type SourceName, sourceId } from '@hopscope/model'
import type { Scope } from './context.ts'
import { netnsValue, placeName, refTo } from './context.ts'
import type { Block, Crumb, Fact, Say, Section, SectionKey, TermKey, Value } from './page.ts'

/** A fact; undefined when there is nothing to say, so that lists of facts read as lists. */
export function fact(term: TermKey, ...values: (Value | string | number | undefined)[]): Fact | undefined {
  const known = values.flatMap((v): Value[] =>
    v === undefined ? [] : typeof v === 'object' ? [v] : [{ text: `${v}` }],
  )
  return known.length > 0 ? { term, values: known } : undefined
}

/** On or off in words. */
export const onOff = (on: boolean | undefined): Value | undefined =>
  on === undefined ? undefined : say(on ? 'on' : 'off')

export const say = (key: Say['say'], args?: Say['args']): Say => ({ say: key, ...(args && { args }) })

export const facts = (...list: (Fact | undefined)[]): Block => ({
  kind: 'facts',
  facts: list.filter((f) => f !== undefined),
})

type Parts = { count?: number; folded?: boolean; commands?: readonly string[] }

export function section(key: SectionKey, blocks: readonly (Block | undefined)[], parts: Parts = {}): Section {
  return { key, blocks: blocks.filter((b) => b !== undefined), commands: [], ...parts }
}

/** The sections that are there. */
export const sections = (...list: (Section | undefined)[]): Section[] => list.filter((s) => s !== undefined)

/** The host, and the namespace when it is not the host's own: where a record lives. */
export function crumbs(s: Scope, netns?: string): Crumb[] {
  const { host, records } = s.snapshot
  const root = records.netns[host.rootNetns]
  const first: Crumb = { text: host.name, icon: 'host', ...(root && { to: refTo(s, 'netns', root) }) }
  if (netns === undefined || netns === host.rootNetns) return [first]
  const place = netnsValue(s, netns)
  return [first, { text: placeName(s, netns), icon: 'box', ...('to' in place && { to: place.to }) }]
}

/** Says so when the facts of a section cannot be read on this host, or not in full. */
export function missing(s: Scope, name: SourceName): Block | undefined {
  const source = s.snapshot.records.source[sourceId(name)]
  if (!source || source.state === 'ok') return undefined
  const key = source.state === 'partial' ? 'sourcePartial' : 'sourceMissing'
  return { kind: 'say', tone: 'warn', say: say(key, { detail: source.detail ?? source.reason ?? name }) }
}

/** The containers that run in a namespace, by name. */
export const containersIn = (s: Scope, netns: string) =>
  recordsOf(s.snapshot, 'container')
    .filter((c) => c.netns === netns)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
