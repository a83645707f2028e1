import { useEffect, useRef, useState } from 'react'
import { hub } from '../../api/client.ts'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { createPlacer, type Placer, readPlaces } from './positions.ts'

const KEY = 'map'
const SETTING = 'map.places'
/** Places are told to the hub when they have been the same for so long, in milliseconds. */
const SAVE_MS = 3000

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
    hub.layouts.get.query({ key: KEY }).then(
      ({ value }) => start(typeof value === 'string' ? value : undefined),
      (e) => {
        console.info('The hub gave no saved places; they are made anew:', e)
        start()
      },
    )
    return () => {
      current = false
    }
  }, [placer])
  return placer
}

/** Keeps the places whenever they changed: on this device at once, at the hub after a while. */
export function useKeptPlaces(placer: Placer | undefined, trigger: unknown): void {
  const saved = useRef<string>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `trigger` stands for what the placer has placed
  useEffect(() => {
    if (!placer) return
    const text = JSON.stringify(placer.places())
    if (text === saved.current) return
    saved.current = text
    writeSetting(SETTING, text)
    const timer = setTimeout(() => {
      hub.layouts.save.mutate({ key: KEY, value: text }).catch((e) => {
        console.info('The hub did not keep the places; this device did:', e)
      })
    }, SAVE_MS)
    return () => clearTimeout(timer)
  }, [placer, trigger])
}
