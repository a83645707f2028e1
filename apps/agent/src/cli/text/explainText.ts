import { type Hop, visible, type Way } from '@hopscope/model'
import {
  hopByHand,
  type Namer,
  PATH_WORDS,
  type PathLanguage,
  type Prediction,
  sayHop,
  sayOutcome,
  saySuggestion,
} from '@hopscope/path'
import type { Paint } from '../terminal.ts'

type Telling = { language: PathLanguage; namer: Namer; paint: Paint }

/** A prediction as numbered hops, each with the command that shows the same, and what could be changed. */
export function explainText({ forward, back, outcome, suggestions }: Prediction, telling: Telling): string {
  const { language, namer, paint } = telling
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

function wayLines(title: string, way: Way, telling: Telling): string[] {
  const width = String(way.hops.length).length
  return [
    telling.paint('bold', title),
    ...way.hops.flatMap((hop, i) => hopLines(hop, `${String(i + 1).padStart(width)}  `, telling)),
  ]
}

function hopLines(hop: Hop, number: string, { language, namer, paint }: Telling): string[] {
  const command = hopByHand(hop, namer)
  const shown = command === undefined ? [] : [paint('dim', `${' '.repeat(number.length)}${command}`)]
  return [`${number}${sayHop(hop, language, namer)}`, ...shown]
}

function commandLine({ do: name, ...input }: Readonly<Record<string, unknown>>): string {
  return `hopscope do ${String(name)} --json '${visible(JSON.stringify(input)).replaceAll("'", "'\\''")}'`
}
