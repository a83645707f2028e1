import type { Hop } from '@hopscope/model'
import { fill, type Namer, PATH_WORDS, type PathLanguage, sayHop, sayOutcome } from '@hopscope/path'
import { type ComparedRow, sayAsked, TRACE_WORDS } from '@hopscope/trace'
import type { Proof } from '../../capture/proof.ts'
import type { Paint } from '../terminal.ts'

type Telling = { language: PathLanguage; namer: Namer; paint: Paint }

/** A prediction and what was seen: = on both, < predicted only, > seen only; then where they differ first. */
export function proofText({ prediction, forward, back, refused, asked }: Proof, telling: Telling): string {
  const { language } = telling
  const words = TRACE_WORDS[language]
  const { ways } = PATH_WORDS[language]
  return [
    ...wayLines(ways.forward, forward, telling),
    ...(refused === undefined ? [] : [fill(words.refused, { code: refused })]),
    ...(prediction.back && forward ? ['', ...wayLines(ways.back, back, telling)] : []),
    ...(asked ? ['', sayAsked(asked, telling)] : []),
    '',
  ].join('\n')
}

function wayLines(title: string, way: Proof['forward'], telling: Telling): string[] {
  const { language, namer, paint } = telling
  const words = TRACE_WORDS[language]
  if (way === undefined) return [paint('bold', title), paint('yellow', words.unseen)]
  const { story, comparison } = way
  const say = (hop: Hop) => sayHop(hop, language, namer)
  const lines = comparison.rows.map(({ predicted, observed }) => {
    if (predicted && observed) return `  = ${say(observed)}`
    return predicted ? paint('yellow', `  < ${say(predicted)}`) : paint('cyan', `  > ${observed ? say(observed) : ''}`)
  })
  const outcome = sayOutcome(story.way.outcome, language, namer)
  return [paint('bold', title), ...lines, outcome, ...verdictLines(comparison, telling)]
}

function verdictLines({ rows, first, sameVerdict }: NonNullable<Proof['forward']>['comparison'], telling: Telling) {
  const { language, namer, paint } = telling
  const words = TRACE_WORDS[language]
  if (first === undefined) return sameVerdict ? [paint('green', words.same)] : []
  // Both sides of the place: what was predicted there, and what was seen instead.
  const from = rows.slice(first)
  const one = (side: keyof ComparedRow) => from.find((row) => row[side])?.[side]
  const side = (sentence: string, hop: Hop | undefined) =>
    hop ? [fill(sentence, { hop: sayHop(hop, language, namer) })] : []
  return [
    paint('red', fill(words.differs, { hop: first + 1 })),
    ...side(words.predicted, one('predicted')),
    ...side(words.observed, one('observed')),
  ]
}
