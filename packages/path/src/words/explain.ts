import { type Flow, type Hop, type HostSnapshot, visible, type Way } from '@hopscope/model'
import { flowsBefore, passedOver } from '../passedOver.ts'
import type { Prediction } from '../query.ts'
import { hopByHand } from './byHand.ts'
import type { Namer } from './namer.ts'
import { PATH_WORDS, type PathLanguage, sayHop, sayOutcome, sayPassedOver, saySuggestion } from './say.ts'

/** How a text is set off where there is colour. */
export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan'
export type Telling = {
  language: PathLanguage
  namer: Namer
  paint?: (style: Style, text: string) => string
  /** Given where the rules that did not match are to be told as well, and why. */
  rules?: HostSnapshot | undefined
}

/** A prediction as numbered hops, each with the command that shows the same, and what could be changed. */
export function explainText({ forward, back, outcome, suggestions }: Prediction, telling: Telling): string {
  const { language, namer, paint = plain } = telling
  const { ways } = PATH_WORDS[language]
  const good = outcome.verdict === 'delivered' || outcome.verdict === 'left'
  const verdict = paint(
    good ? 'green' : outcome.verdict === 'undetermined' ? 'yellow' : 'red',
    sayOutcome(outcome, language, namer),
  )
  const blame = outcome.blame === undefined ? [] : [paint('dim', `  ${visible(outcome.blame)}`)]
  return [
    ...wayLines(ways.forward, forward, telling),
    ...(back ? ['', ...wayLines(ways.back, back, telling)] : []),
    '',
    verdict,
    ...blame,
    ...suggestions.flatMap((suggestion) => [
      `→ ${saySuggestion(suggestion, language, namer)}`,
      ...(suggestion.command ? [paint('cyan', `  ${commandLine(suggestion.command)}`)] : []),
    ]),
    '',
  ].join('\n')
}

/** The rules of a chain that did not match, a line for each, where these are to be told. */
export function passedOverLines(
  hop: Hop,
  flow: Flow | undefined,
  { language, rules }: Pick<Telling, 'language' | 'rules'>,
): string[] {
  if (rules === undefined || hop.kind !== 'chain') return []
  return passedOver(hop, flow, rules).map((one) => sayPassedOver(one, language))
}

const plain = (_: Style, text: string): string => text

function wayLines(title: string, way: Way, telling: Telling): string[] {
  const width = String(way.hops.length).length
  const flows = flowsBefore(way.hops)
  return [
    (telling.paint ?? plain)('bold', title),
    ...way.hops.flatMap((hop, i) => {
      const number = `${String(i + 1).padStart(width)}  `
      const indent = ' '.repeat(number.length)
      const rules = passedOverLines(hop, flows[i], telling).map((line) =>
        (telling.paint ?? plain)('dim', indent + line),
      )
      return [...hopLines(hop, number, telling), ...rules]
    }),
  ]
}

function hopLines(hop: Hop, number: string, { language, namer, paint = plain }: Telling): string[] {
  const command = hopByHand(hop, namer)
  const shown = command === undefined ? [] : [paint('dim', `${' '.repeat(number.length)}${command}`)]
  return [`${number}${sayHop(hop, language, namer)}`, ...shown]
}

function commandLine({ do: name, ...input }: Readonly<Record<string, unknown>>): string {
  return `hopscope do ${String(name)} --json '${visible(JSON.stringify(input)).replaceAll("'", "'\\''")}'`
}
