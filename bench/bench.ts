import type { Figure } from './figure.ts'

/** One subject that is measured; a file in `benches/` that is listed in `benches/index.ts`. */
export type Bench = {
  /** As in `npm run bench -- NAME`. */
  readonly name: string
  readonly title: string
  /** How it is measured, in a few sentences; shown beside the plots. */
  readonly about: string
  /** Rounds when nobody says how many. */
  readonly runs: number
  /** Makes what it needs, measures, and removes everything again, also when it fails. */
  run(session: Session): Promise<void>
}

/** What a bench gets while it runs. */
export type Session = {
  readonly runs: number
  figure(figure: Figure): void
  /** Names a program that cannot be compared with, so that its absence is seen. */
  absent(name: string, why: string): void
  /** Says how far it is. */
  say(text: string): void
}

/** Does one round and returns what it measured. */
export type Contender = () => number | Promise<number>

/**
 * Lets all contenders run in turn, round by round (ours, other, ours, other…), so that a machine whose speed drifts is as
 * slow for one as for the other. One round before is not counted. Resolves with the samples of each, in order of the rounds.
 */
export async function interleaved<Name extends string>(
  runs: number,
  contenders: Readonly<Record<Name, Contender>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[] // the keys of a record that was declared with them
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]> // as above
  for (let round = -1; round < runs; round++) {
    for (const name of names) {
      const measured = await contenders[name]()
      if (round >= 0) samples[name].push(measured)
    }
  }
  return samples
}

/** How many times larger the others' figures are, round by round. */
export function ratios(others: readonly number[], ours: readonly number[]): number[] {
  return others.map((other, round) => other / (ours[round] ?? Number.NaN))
}

/** Milliseconds that `act` takes. */
export async function milliseconds(act: () => unknown): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
