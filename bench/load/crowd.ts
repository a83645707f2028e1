import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer, Order } from './orders.ts'

/** Processes full of readers. */
export class Crowd {
  readonly #children: ChildProcess[]

  private constructor(children: ChildProcess[]) {
    this.#children = children
  }

  static async start(processes: number): Promise<Crowd> {
    const children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'readers.ts')))
    // What is said before they listen is lost; each says when it does.
    await Promise.all(children.map((child) => once(child, 'message')))
    return new Crowd(children)
  }

  /** Gives all the same order; their answers added up. Readers to open or pause are spread evenly. */
  async tell(order: Order): Promise<Answer> {
    const share = this.#children.length
    const mine = 'count' in order ? { ...order, count: order.count / share } : order
    const answers = await Promise.all(
      this.#children.map(async (child): Promise<Answer> => {
        const answered = once(child, 'message')
        child.send(mine)
        const [answer]: [Answer] = (await answered) as [Answer] // the only thing that these processes say
        return answer
      }),
    )
    const sum = (of: (answer: Answer) => number): number => answers.reduce((n, answer) => n + of(answer), 0)
    return {
      connected: sum(({ connected }) => connected),
      equal: sum(({ equal }) => equal),
      resyncs: sum(({ resyncs }) => resyncs),
      wrong: sum(({ wrong }) => wrong),
      late: answers.flatMap(({ late }) => late),
    }
  }

  /** Resolves once so many hold the state of that hash; throws when they do not within the time, in ms. */
  async equal(count: number, hash: string, within: number): Promise<void> {
    const until = performance.now() + within
    for (;;) {
      const { equal, connected } = await this.tell({ do: 'tell', hash })
      if (equal === count && connected === count) return
      if (performance.now() > until)
        throw new Error(`after ${within / 1000} s ${connected} of ${count} are connected, ${equal} are equal`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async stop(): Promise<void> {
    const exits = this.#children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'))
    for (const child of this.#children) child.kill()
    await Promise.all(exits)
  }
}

/** The value that this share of the counted ones does not exceed. */
export function percentile(counted: readonly (readonly [value: number, n: number])[], share: number): number {
  const sorted = [...counted].sort(([a], [b]) => a - b)
  const rank = Math.ceil(sorted.reduce((sum, [, n]) => sum + n, 0) * share)
  let seen = 0
  for (const [value, n] of sorted) {
    seen += n
    if (seen >= rank) return value
  }
  return Number.NaN
}
