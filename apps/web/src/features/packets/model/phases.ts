import type { Hop } from '@hopscope/model'
import type { Step } from './walk.ts'

/** The parts of a report, in the order in which a packet comes by them in each namespace. */
export const PHASES = ['input', 'hooks', 'routing', 'wire', 'result'] as const
export type Phase = (typeof PHASES)[number]

export function phaseOf({ kind }: Hop): Phase {
  switch (kind) {
    case 'resolve':
    case 'send':
    case 'arrive':
      return 'input'
    case 'chain':
    case 'nat':
    case 'conntrack':
      return 'hooks'
    case 'route':
    case 'neighbour':
      return 'routing'
    case 'leave':
    case 'veth':
    case 'bridge':
    case 'macvlan':
    case 'tunnel':
      return 'wire'
    case 'deliver':
    case 'outside':
      return 'result'
  }
}

/** Consecutive hops of one phase in one namespace. */
export type PhaseOfWay = { phase: Phase; netns: string; steps: Step[] }

export function phasesOf(steps: readonly Step[]): PhaseOfWay[] {
  const all: PhaseOfWay[] = []
  for (const step of steps) {
    const phase = phaseOf(step.hop)
    const last = all.at(-1)
    if (last?.phase === phase && last.netns === step.hop.netns) last.steps.push(step)
    else all.push({ phase, netns: step.hop.netns, steps: [step] })
  }
  return all
}
