import { type Hop, visible } from '@hopscope/model'
import { flowText, type Namer, type PathLanguage, type Style, sayHop, sayOutcome } from '@hopscope/path'
import type { Story } from '../story.ts'
import { TRACE_WORDS } from './words.ts'

type Telling = { language: PathLanguage; namer: Namer; paint?: (style: Style, text: string) => string }

/** One packet's way, a line for each hop: * was seen, - follows from what is known of the host. */
export function storyText(
  { way, flow, partial }: Pick<Story, 'way' | 'partial'> & { flow?: Story['flow'] },
  at: Date,
  { language, namer, paint = (_, text) => text }: Telling,
): string {
  const title = `${at.toISOString().slice(11, 23)}  ${flow ? flowText(flow) : '?'}`
  const lines = way.hops.map((hop) => `  ${mark(hop)} ${sayHop(hop, language, namer)}`)
  const part = partial ? [paint('yellow', `  ! ${TRACE_WORDS[language].partial}`)] : []
  const colour = way.outcome.verdict === 'delivered' || way.outcome.verdict === 'left' ? 'green' : 'red'
  const outcome = paint(colour, `  = ${sayOutcome(way.outcome, language, namer)}`)
  return [paint('bold', visible(title)), ...lines, ...part, outcome].join('\n')
}

const mark = ({ basis }: Hop): string => (basis === 'observed' ? '*' : '-')
