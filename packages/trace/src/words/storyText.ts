import { type Hop, visible } from '@hopscope/model'
import { flowsBefore, flowText, passedOverLines, sayHop, sayOutcome, type Telling } from '@hopscope/path'
import type { Story } from '../story.ts'
import { TRACE_WORDS } from './words.ts'

/** One packet's way, a line for each hop: * was seen, - follows from what is known of the host. */
export function storyText(
  { way, flow, partial }: Pick<Story, 'way' | 'partial'> & { flow?: Story['flow'] },
  at: Date,
  telling: Telling,
): string {
  const { language, namer, paint = (_, text) => text } = telling
  const title = `${at.toISOString().slice(11, 23)}  ${flow ? flowText(flow) : '?'}`
  const flows = flowsBefore(way.hops)
  const lines = way.hops.flatMap((hop, i) => [
    `  ${mark(hop)} ${sayHop(hop, language, namer)}`,
    ...passedOverLines(hop, flows[i], telling).map((line) => paint('dim', `    ${line}`)),
  ])
  const part = partial ? [paint('yellow', `  ! ${TRACE_WORDS[language].partial}`)] : []
  const colour = way.outcome.verdict === 'delivered' || way.outcome.verdict === 'left' ? 'green' : 'red'
  const outcome = paint(colour, `  = ${sayOutcome(way.outcome, language, namer)}`)
  return [paint('bold', visible(title)), ...lines, ...part, outcome].join('\n')
}

const mark = ({ basis }: Hop): string => (basis === 'observed' ? '*' : '-')
