import { useEffect, useRef, useState } from 'react'
import { hub } from '../../api/client.ts'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { createPlacer, type Placer, readPlaces } from './positions.ts'

const KEY = 'map'
const SETTING = 'map.places'
/** Places are told to the hub when they have been the same for so long, in milliseconds. */
const SAVE_MS = 3000
const KEEP_MS = 1000

/** The user's places: those of this device, else those that the hub keeps; undefined until that is known. */
export function usePlacer(): Placer | undefined {
  const [placer, setPlacer] = useState<Placer | undefined>(() => {
    const kept = readPlaces(readSetting(SETTING))
    return kept && createPlacer(kept)
  })
  useEffect(() => {
    if (placer) return
    let current = true
    const start = (text?: string): void => {
      if (current) setPlacer(createPlacer(readPlaces(text)))
    }
    savedPlaces().then(start)
    return () => {
      current = false
    }
  }, [placer])
  return placer
}

let asked: Promise<string | undefined> | undefined

/** Asks the hub for the user's places ahead of the map, which needs them before it can draw. */
export function askForPlaces(): void {
  if (readSetting(SETTING) === undefined) asked ??= askHub()
}

function savedPlaces(): Promise<string | undefined> {
  const answer = asked ?? askHub()
  // Another map, perhaps another user's, asks again.
  asked = undefined
  return answer
}

async function askHub(): Promise<string | undefined> {
  try {
    const { value } = await hub.layouts.get.query({ key: KEY })
    return typeof value === 'string' ? value : undefined
  } catch (e) {
    console.info('The hub gave no saved places; they are made anew:', e)
    return undefined
  }
}

/** Keeps the places after they changed: on this device soon, at the hub when they have been the same for a while. */
export function useKeptPlaces(placer: Placer | undefined, trigger: unknown): void {
  const keeper = useRef<Keeper>(undefined)
  useEffect(() => {
    if (!placer) return
    const made = createKeeper(placer)
    keeper.current = made
    addEventListener('pagehide', made.now)
    return () => {
      removeEventListener('pagehide', made.now)
      made.now()
    }
  }, [placer])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `trigger` stands for what the placer has placed
  useEffect(() => keeper.current?.soon(), [trigger])
}

type Keeper = { soon: () => void; now: () => void }

/** Writing all places takes longer than the change that moved one: not more often than once in `KEEP_MS`. */
function createKeeper(placer: Placer): Keeper {
  let saved: string | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  let telling: ReturnType<typeof setTimeout> | undefined
  const now = (): void => {
    clearTimeout(waiting)
    waiting = undefined
    const text = JSON.stringify(placer.places())
    if (text === saved) return
    saved = text
    writeSetting(SETTING, text)
    clearTimeout(telling)
    telling = setTimeout(() => tellHub(text), SAVE_MS)
  }
  const soon = (): void => {
    waiting ??= setTimeout(now, KEEP_MS)
  }
  return { soon, now }
}

function tellHub(text: string): void {
  hub.layouts.save.mutate({ key: KEY, value: text }).catch((e) => {
    console.info('The hub did not keep the places; this device did:', e)
  })
}
