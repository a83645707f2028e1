import { handmadeDefaults, routerDefaults } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { GuideName } from '@hopscope/protocol'
import { GUIDE_FIELDS, type Values, valuesOf } from './fields.ts'

/** What others depend on: another bridge has another subnet, another container other names. */
type Known = { container?: string; bridge?: string; left?: string; right?: string }

/** What a guide proposes on a host. */
export const propose = (name: GuideName, snapshot: HostSnapshot, known: Known = {}): Values =>
  valuesOf(name === 'handmade' ? handmadeDefaults(snapshot, known) : routerDefaults(snapshot, known))

type Change = { path: string; value: string }

/** The inputs after one was changed: those that stand as they were proposed follow it, those that somebody typed stay. */
export function withInput(name: GuideName, snapshot: HostSnapshot, values: Values, { path, value }: Change): Values {
  const next: Record<string, string> = { ...values, [path]: value }
  const [before, after] = [values, next].map((one) => propose(name, snapshot, knownOf(one)))
  for (const { path: other } of GUIDE_FIELDS[name]) {
    if (other !== path && values[other] === before?.[other]) next[other] = after?.[other] ?? ''
  }
  return next
}

function knownOf(values: Values): Known {
  const of = (key: keyof Known, path: string): Known => {
    const value = values[path]
    return value === undefined ? {} : { [key]: value }
  }
  return {
    ...of('container', 'container'),
    ...of('bridge', 'bridge'),
    ...of('left', 'left.bridge'),
    ...of('right', 'right.bridge'),
  }
}
