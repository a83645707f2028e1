import type { LinkRef } from '@hopscope/model'
import { fill, type Namer, PATH_WORDS, type PathLanguage, sayTyped } from '@hopscope/path'
import { MOST_ALTERNATIVES } from '../filter/filter.ts'
import type { FilterFault } from '../filter/read.ts'
import { TRACED_ALREADY, type TraceSummary } from '../summary.ts'
import type { TraceWords } from './catalogue.ts'
import { en } from './en.ts'
import { zhCN } from './zhCN.ts'

export const TRACE_WORDS: Readonly<Record<PathLanguage, TraceWords>> = { en, 'zh-CN': zhCN }

/** What came of a question of ARP: who told which MAC address, or nobody within this time. */
export type ArpResult = { milliseconds: number; lladdr?: string | undefined; link?: LinkRef | undefined }

/** Who answered a question of ARP, or that nobody did. */
export function sayAsked(
  { milliseconds, lladdr, link }: ArpResult,
  { language, namer }: { language: PathLanguage; namer: Namer },
): string {
  const words = TRACE_WORDS[language]
  if (lladdr === undefined) return fill(words.unanswered, { milliseconds })
  if (link === undefined) return fill(words.answered, { lladdr })
  const place = namer.place(link.netns, PATH_WORDS[language])
  return fill(words.answeredBy, { lladdr, link: namer.link(link), place })
}

/** What is wrong with a filter, where, and what may have been meant. */
export function sayFilterFault(fault: FilterFault, language: PathLanguage): string {
  const words = TRACE_WORDS[language]
  // Each packet would be asked all of it.
  if (fault === 'TOO_MANY') return fill(words.tooMany, { most: MOST_ALTERNATIVES })
  const { code, column, word, near } = fault
  return sayTyped(fill(words.errors[code], { word }), { language, near, column })
}

/** What is to be said of a tracing while it runs as well: where it is, and where it is not. */
type Places = Pick<TraceSummary, 'unavailable' | 'legacy'>
/**
 * What a tracing came to, or comes to: nothing that was lost is left unsaid. `unsent`: packets that did not get as far as here; `dropped`: so
 * many do not arrive, and only these are shown.
 */
export function saySummary(
  summary: TraceSummary & { unsent?: number; dropped?: number },
  { language, namer }: { language: PathLanguage; namer: Namer },
): string[] {
  const { shown, partial, leftOut, meant, traced, lost, namespaces, unsent = 0, dropped } = summary
  const words = TRACE_WORDS[language]
  const counts = { shown, namespaces, ended: words.ended[summary.ended] }
  const counted = (sentence: string, count: number) => (count > 0 ? [fill(sentence, { count })] : [])
  return [
    dropped === undefined ? fill(words.shown, counts) : fill(words.shownLost, { ...counts, dropped }),
    ...counted(words.notWhole, partial),
    ...counted(words.leftOut, leftOut),
    ...counted(words.beyond, meant - traced),
    ...counted(words.lost, lost),
    ...(lost < 0 ? [words.setBack] : []),
    ...counted(words.unsent, unsent),
    ...sayPlaces(summary, { language, namer }),
  ]
}

/** Where nothing can be traced, and why. */
export function sayPlaces(
  { unavailable, legacy }: Places,
  { language, namer }: { language: PathLanguage; namer: Namer },
): string[] {
  const words = TRACE_WORDS[language]
  const place = (netns: string) => namer.place(netns, PATH_WORDS[language])
  return [
    ...unavailable.map(({ netns, because }) =>
      fill(words.unavailable, { place: place(netns), because: because === TRACED_ALREADY ? words.already : because }),
    ),
    ...legacy.map(({ netns, because }) => fill(words.legacy[because], { place: place(netns) })),
  ]
}
