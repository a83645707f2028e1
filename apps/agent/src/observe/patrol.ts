import type { NetnsEntry, Scheduler } from './contract.ts'

type Options = {
  scheduler: Scheduler
  /** Who is to be visited; asked for once a second. */
  list: () => readonly NetnsEntry[]
  visit: (entry: NetnsEntry) => void
  /** Milliseconds after which everyone is visited again, unless there are too many. */
  round: number
  /** The most visits in a second. */
  perSecond: number
}

const STEP = 2_000
/** Who is to be visited is asked for after so many steps: finding that out may itself cost something. */
const ASK_EVERY = 1

/**
 * Visits namespace after namespace, spread over time, for what changes there without telling anybody: first those that were
 * not visited for the longest time. On a host of some tens of namespaces each has its turn once in a round; on one of very
 * many less often, so that an idle agent costs next to nothing. Returns what ends it.
 */
export function startPatrol({ scheduler, list, visit, round, perSecond }: Options): () => void {
  const stepsPerRound = round / STEP
  const mostPerStep = (perSecond * STEP) / 1000
  /** The step of the last visit. */
  let last = new Map<string, number>()
  let all: readonly NetnsEntry[] = []
  let now = 0
  let credit = 0

  const step = () => {
    if (now++ % ASK_EVERY === 0) all = list()
    const lastOf = ({ id }: NetnsEntry) => last.get(id) ?? 0
    const due = all.filter((entry) => !last.has(entry.id) || now - lastOf(entry) >= stepsPerRound)
    if (due.length === 0) {
      credit = 0
      return
    }
    credit += Math.min(mostPerStep, Math.max(1, all.length / stepsPerRound))
    const chosen = due.sort((a, b) => lastOf(a) - lastOf(b)).slice(0, credit)
    // What is left of a visit is the next step's.
    credit -= Math.floor(credit)
    if (last.size > 2 * all.length) last = new Map(all.map((entry) => [entry.id, lastOf(entry)]))
    for (const entry of chosen) {
      last.set(entry.id, now)
      visit(entry)
    }
  }
  return scheduler.every(STEP, step)
}
