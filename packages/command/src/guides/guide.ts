import type { HostSnapshot } from '@hopscope/model'
import type { GuideInputs } from '@hopscope/protocol'
import { lineOf } from '../argv.ts'
import { expectedAfter } from '../expected.ts'
import { type Plan, type Refusal, Refused } from '../plan.ts'
import { planCommand } from '../planCommand.ts'
import type { Aim } from './aim.ts'
import { handmade } from './handmade.ts'
import { router } from './router.ts'

export type GuideState =
  | { kind: 'done' }
  /** The first that is not done: it can be run now. */
  | { kind: 'next'; plan: Plan }
  | { kind: 'waiting' }
  /** `field` of the refusal names an input of the guide. */
  | { kind: 'refused'; refusal: Refusal }

export type GuideStep = Omit<Aim, 'done' | 'inputs'> & {
  state: GuideState
  /** As a person would type it; empty for what is done, or cannot be told yet. */
  shell: readonly string[]
}
/** The steps in order, or why these inputs cannot come to anything on this host. */
export type Guided = { steps: readonly GuideStep[] } | { refused: Refusal }

/**
 * Every step of a guided sequence, judged by the host as it is now: one that was left half way goes on from there, also when a
 * step was done in a shell. Each is planned on the host as those before it will have made it, so that what cannot work
 * is known from the start. Pure.
 */
export function guide(inputs: GuideInputs, snapshot: HostSnapshot): Guided {
  try {
    return { steps: judged(aimsOf(inputs, snapshot), snapshot) }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.refusal }
    throw error
  }
}

function aimsOf(inputs: GuideInputs, snapshot: HostSnapshot): Aim[] {
  switch (inputs.guide) {
    case 'handmade':
      return handmade(inputs, snapshot)
    case 'router':
      return router(inputs, snapshot)
  }
}

function judged(aims: readonly Aim[], snapshot: HostSnapshot): GuideStep[] {
  /** The host before the step; undefined once one cannot be planned. */
  let host: HostSnapshot | undefined = snapshot
  let first = true
  return aims.map(({ done, inputs, ...step }): GuideStep => {
    if (done) return { ...step, state: { kind: 'done' }, shell: [] }
    const isNext = first
    first = false
    if (host === undefined) return { ...step, state: { kind: 'waiting' }, shell: [] }
    const before: HostSnapshot = host
    const planned = planCommand(step.command, before)
    if ('refused' in planned) {
      host = undefined
      return { ...step, state: { kind: 'refused', refusal: ofInput(planned.refused, inputs) }, shell: [] }
    }
    host = expectedAfter(step.command, before)
    const shell = planned.plan.steps.map(({ act }) => lineOf(before, act))
    return { ...step, state: isNext ? { kind: 'next', plan: planned.plan } : { kind: 'waiting' }, shell }
  })
}

function ofInput({ field, ...refusal }: Refusal, inputs: Aim['inputs']): Refusal {
  const input = field === undefined ? undefined : inputs?.[field]
  return { ...refusal, ...(input !== undefined && { field: input }) }
}
