import { setTimeout as after } from 'node:timers/promises'
import type { LinkCounters } from '@hopscope/model'
import { onlyContainers } from '@hopscope/testkit'
import { flipped } from './change.ts'
import type { Served } from './host.ts'
import { look, pan } from './pan.ts'
import { mainThread, type Probed, type Shown, settled } from './shown.ts'

/** Milliseconds of the main thread per frame of panning, while every tenth box changes four times a second. */
export async function panWhileChanging(served: Served, shown: Shown, steps: number): Promise<number> {
  let round = 0
  const timer = setInterval(() => served.become(flipped(served.snapshot, 10, Math.floor(round++ / 2))), 250)
  try {
    return (await pan(shown, steps)).ms
  } finally {
    clearInterval(timer)
  }
}

/** How long after its patch a container is painted, or gone, for each of so many; the main thread's milliseconds and the longest task (by the clock). */
export async function comeAndGo(
  served: Served,
  { page, cdp }: Shown,
  times: number,
): Promise<{ painted: number[]; work: number; longest: number }> {
  const whole = served.snapshot
  const all = new Set(Object.keys(whole.records.container))
  const movable = Object.values(whole.records.container).filter(
    (c) => c.attachments.length > 0 && c.state === 'running',
  )
  const painted: number[] = []
  await settled(page)
  const before = await mainThread(cdp)
  await page.evaluate(() => void (window as unknown as Probed).__marks.long.splice(0))
  for (let i = 0; i < times; i++) {
    const c = movable[(i * 37) % movable.length]
    if (!c) throw new Error('the host has no running container')
    const less = new Set(all)
    less.delete(c.id)
    const node = `${whole.host.id}/${c.id}`
    for (const [next, drawn] of [
      [onlyContainers(whole, less), false],
      [whole, true],
    ] as const) {
      const seen = page.evaluate(([id, is]) => (window as unknown as Probed).__marks.whenDrawn(id, is), [
        node,
        drawn,
      ] as const)
      await page.evaluate(() => 0) // the one above has begun to wait
      served.become(next)
      painted.push(await seen)
    }
  }
  const work = (((await mainThread(cdp)) - before) * 1000) / painted.length
  const long = await page.evaluate(() => (window as unknown as Probed).__marks.long.map((l) => l.ms))
  return { painted, work, longest: Math.max(0, ...long) }
}

/**
 * What the counters of all links cost a frame, of sixty a second: a frame of panning with rates in sight less one without, the
 * middle one of several such pairs in turn, and the work for a second's sample spread over its frames.
 */
export async function counters(served: Served, shown: Shown, steps: number): Promise<number> {
  await look(shown, 1.3)
  let second = 0
  let moved = 0
  const send = (moves: boolean): void => {
    second++
    if (moves) moved++
    const of = (i: number): LinkCounters => counted(moved * (1000 + (i % 50) * 977))
    const links = Object.fromEntries(Object.keys(served.snapshot.records.link).map((id, i) => [id, of(i)]))
    served.agent.samples({ hostId: served.snapshot.host.id, at: second * 1000, links })
  }
  /** Panning over links that all move something, or none: nothing is said of those. */
  const panning = async (moves: boolean): Promise<number> => {
    for (const _ of [1, 2]) {
      send(moves)
      await after(500)
    }
    return (await pan(shown, steps)).ms
  }
  const more: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const without = await panning(false)
    more.push((await panning(true)) - without)
  }
  const idle = await worked(shown, 3, () => undefined)
  const sampled = await worked(shown, 3, () => send(true))
  return (more.sort((x, y) => x - y)[Math.floor(PAIRS / 2)] ?? Number.NaN) + (sampled - idle) / 60
}
const PAIRS = 5

/** Milliseconds of the main thread per second, while `act` is done each second. */
async function worked({ cdp }: Shown, seconds: number, act: () => void): Promise<number> {
  const before = await mainThread(cdp)
  for (let i = 0; i < seconds; i++) {
    act()
    await after(1000)
  }
  return (((await mainThread(cdp)) - before) * 1000) / seconds
}

/** Milliseconds of the main thread from the click that opens everything until it is drawn. */
export async function openAll({ page, cdp }: Shown): Promise<number> {
  const before = await mainThread(cdp)
  await page.getByRole('button', { name: 'Fold', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Unfold everything', exact: true }).click()
  await settled(page)
  return ((await mainThread(cdp)) - before) * 1000
}

function counted(n: number): LinkCounters {
  const zero = { rxErrors: 0, rxDropped: 0, rxOverruns: 0, multicast: 0, txErrors: 0, txDropped: 0, txOverruns: 0 }
  return { ...zero, rxBytes: n, txBytes: n * 2, rxPackets: n / 100, txPackets: n / 100, collisions: 0 }
}
