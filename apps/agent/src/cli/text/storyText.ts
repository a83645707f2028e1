import { type Hop, visible } from '@hopscope/model'
import { fill, flowText, type Namer, PATH_WORDS, type PathLanguage, sayHop, sayOutcome } from '@hopscope/path'
import { type Story, TRACE_WORDS } from '@hopscope/trace'
import type { CaptureSummary } from '../../capture/session.ts'
import type { Paint } from '../terminal.ts'

type Telling = { language: PathLanguage; namer: Namer; paint: Paint }

/** One packet's way, a line for each hop: * was seen, - follows from what is known of the host. */
export function storyText({ way, flow, partial }: Story, at: Date, { language, namer, paint }: Telling): string {
  const title = `${at.toISOString().slice(11, 23)}  ${flow ? flowText(flow) : '?'}`
  const lines = way.hops.map((hop) => `  ${mark(hop)} ${sayHop(hop, language, namer)}`)
  const part = partial ? [paint('yellow', `  ! ${TRACE_WORDS[language].partial}`)] : []
  const colour = way.outcome.verdict === 'delivered' || way.outcome.verdict === 'left' ? 'green' : 'red'
  const outcome = paint(colour, `  = ${sayOutcome(way.outcome, language, namer)}`)
  return [paint('bold', visible(title)), ...lines, ...part, outcome].join('\n')
}

const mark = ({ basis }: Hop): string => (basis === 'observed' ? '*' : '-')

/** What a tracing came to: nothing that was lost is left unsaid. */
export function summaryText(summary: CaptureSummary, { language, namer }: Omit<Telling, 'paint'>): string {
  const { shown, partial, meant, traced, lost, namespaces, unavailable, legacy, ended } = summary
  const words = TRACE_WORDS[language]
  const place = (netns: string) => namer.place(netns, PATH_WORDS[language])
  const counted = (sentence: string, count: number) => (count > 0 ? [fill(sentence, { count })] : [])
  return [
    fill(words.shown, { shown, namespaces, ended: words.ended[ended] }),
    ...counted(words.notWhole, partial),
    ...counted(words.beyond, meant - traced),
    ...counted(words.lost, lost),
    ...unavailable.map(({ netns, because }) => fill(words.unavailable, { place: place(netns), because })),
    ...legacy.map((netns) => fill(words.legacy, { place: place(netns) })),
  ].join('\n')
}
