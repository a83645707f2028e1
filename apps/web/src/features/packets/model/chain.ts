import type { ListedRule } from '@hopscope/path'

/** How a rule stands in the listing: passed over for certain, or one that may match. */
export type RuleState = ListedRule['state'] | 'may'
export const stateOf = (rule: ListedRule): RuleState =>
  rule.state === 'passed' && rule.miss.why === 'may' ? 'may' : rule.state

/** Rules in a row that a packet passed over or never came to, as one; what matched, or may match, stands alone. */
export type RuleRun = { state: RuleState; rules: ListedRule[] }

export function runsOf(rules: readonly ListedRule[]): RuleRun[] {
  const runs: RuleRun[] = []
  for (const rule of rules) {
    const last = runs.at(-1)
    const state = stateOf(rule)
    if (last?.state === state && isFolded(state)) last.rules.push(rule)
    else runs.push({ state, rules: [rule] })
  }
  return runs
}

/** Of these states many in a row say little. */
export const isFolded = (state: RuleState): state is 'passed' | 'unreached' =>
  state === 'passed' || state === 'unreached'
