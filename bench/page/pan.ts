import { setTimeout as after } from 'node:timers/promises'
import { frames, mainThread, type Probed, type Shown, settled, type View } from './shown.ts'

/** A mouse's movements as a screen of 60 Hz takes them. */
const FRAME_MS = 16

/** Drags the map about by mouse, a step every 16 ms, and gives the main thread's milliseconds per painted frame. */
export async function pan({ page, cdp }: Shown, steps: number): Promise<{ ms: number; frames: number }> {
  await settled(page)
  const from = { x: 720, y: 480 }
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 8, from.y + 8)
  const [work, painted] = [await mainThread(cdp), await frames(page)]
  const moves: Promise<void>[] = []
  for (let i = 0; i < steps; i++) {
    const turn = (i / 40) * 2 * Math.PI
    moves.push(page.mouse.move(from.x + 180 * Math.sin(turn), from.y + 120 * (1 - Math.cos(turn))))
    await after(FRAME_MS)
  }
  await Promise.all(moves)
  const [workAfter, paintedAfter] = [await mainThread(cdp), await frames(page)]
  await page.mouse.up()
  const count = paintedAfter - painted
  return { ms: ((workAfter - work) * 1000) / count, frames: count }
}

/** The view of everything, and one at the size at which people read, at the same middle. */
export async function look(shown: Shown, at: 'all' | number): Promise<void> {
  const { page } = shown
  if (at === 'all') await page.getByRole('button', { name: 'Show everything', exact: true }).click()
  else
    await page.evaluate((zoom) => {
      const { __hopscopeMap: map } = window as unknown as Probed
      const { zoom: was, pan: p }: View = map.view()
      const middle = { x: (720 - p.x) / was, y: (420 - p.y) / was }
      map.setView({ zoom, pan: { x: 720 - middle.x * zoom, y: 420 - middle.y * zoom } })
    }, at)
  await settled(page)
}
