import { useSyncExternalStore } from 'react'
import { z } from 'zod'
import { fromJson } from '../../shell/json.ts'
import { readSetting, writeSetting } from '../../shell/settings.ts'

const ranSchema = z.array(
  z.strictObject({
    hostId: z.string(),
    /** Of the change. */
    id: z.string(),
    /** The command as JSON, and as it was typed. */
    command: z.string(),
    shell: z.array(z.string()),
  }),
)
/** What the open guide has run, first to last. Only that is its to undo: steps that were found done are somebody else's. */
export type Ran = z.infer<typeof ranSchema>

const NAME = 'guide.ran'
let now: Ran | undefined
const listeners = new Set<() => void>()

export const useRan = (): Ran => useSyncExternalStore(subscribe, readRan, none)

/** Kept on this device, so that a reload can still undo. */
export function keepRan(ran: Ran): void {
  now = ran
  writeSetting(NAME, JSON.stringify(ran))
  for (const tell of listeners) tell()
}

export const forgetRan = (): void => keepRan([])

export function readRan(): Ran {
  now ??= ranSchema.catch([]).parse(fromJson(readSetting(NAME) ?? '[]'))
  return now
}

const EMPTY: Ran = []
const none = () => EMPTY

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
