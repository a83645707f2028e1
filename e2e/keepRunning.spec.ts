import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@playwright/test'
import { keepRunning } from '../scripts/keepRunning.mjs'

/** Keeps a one-line program running and notes what is said of it. */
function keep(script: string, watchdog = 0) {
  const said: string[] = []
  const started: number[] = []
  const children: ChildProcess[] = []
  let gaveUp: (why: string) => void = () => {}
  const end = new Promise<string>((resolve) => {
    gaveUp = resolve
  })
  const kept = keepRunning({
    name: 'part',
    argv: ['--input-type=module', '-e', script],
    cwd: '/',
    env: () => process.env,
    stdout: 'ignore',
    watchdog,
    onStart(child) {
      children.push(child)
      started.push(child.pid ?? 0)
    },
    isFinal: (code) => code === 2,
    giveUp: gaveUp,
    say: (line) => said.push(line),
  })
  return { kept, said, started, children, end }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

test('what keeps failing is started again, later each time, and given up in the end', async () => {
  const { end, said, started } = keep('process.exit(3)')
  expect(await end).toBe('The part ended (exit code 3), 5 times within a minute. Giving up.')
  expect(said).toEqual([0.5, 1, 2, 4].map((pause) => `The part ended (exit code 3). Starting it again in ${pause} s.`))
  expect(started).toHaveLength(5)
})

test('what cannot succeed is not tried again', async () => {
  const { end, started } = keep('process.exit(2)')
  expect(await end).toBe('The part ended (exit code 2).')
  expect(started).toHaveLength(1)
})

test('what answers is left alone, and what hangs is not', async () => {
  const answering = "process.on('message', () => process.send('pong'))"
  const good = keep(answering, 3)
  const bad = keep(`${answering}; setTimeout(() => { for (;;); }, 500)`, 3)
  await expect.poll(() => bad.started.length, { timeout: 20_000 }).toBe(2)
  expect(bad.said[0]).toBe('The part has not answered for 3 s: its event loop hangs. Ending it.')
  expect(bad.said[1]).toBe('The part ended (SIGKILL). Starting it again in 0.5 s.')
  expect(good.started).toHaveLength(1)
  expect(good.said).toEqual([])
  await Promise.all([good.kept.stop(), bad.kept.stop()])
  expect([...good.started, ...bad.started].filter(isAlive)).toEqual([])
})

test('what does not end when it is asked to is ended', async () => {
  const { kept, started, children } = keep(
    "process.on('SIGTERM', () => {}); process.on('message', () => {}); process.send('up')",
  )
  const [child] = children
  if (child) await once(child, 'message')
  await kept.stop()
  expect(started.filter(isAlive)).toEqual([])
})
