import { visible, visibleLines } from '@hopscope/model'
import type { PageDraft } from './page.ts'

// What is read by people. Everything else names things to the program: ids, references, what is copied, commands.
const READ = new Set(['text', 'title', 'name', 'place', 'target', 'comment', 'chain', 'table'])
const KEPT = new Set(['to', 'ref', 'jump', 'live', 'link', 'rule', 'commands', 'command', 'args'])

/** The page with nothing hidden in what is read; the arguments of sentences are shown as they are put in. */
export const shownPage = (page: PageDraft): PageDraft => shown(page)

function shown<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  // Lists and objects keep their shape, and texts stay texts: the type is the same.
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'string' ? visible(one) : shown(one))) as T
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shownField(key, inner)])) as T
}

function shownField(key: string, value: unknown): unknown {
  if (KEPT.has(key)) return value
  if (typeof value !== 'string') return shown(value)
  if (key === 'content') return visibleLines(value)
  return READ.has(key) ? visible(value) : value
}
