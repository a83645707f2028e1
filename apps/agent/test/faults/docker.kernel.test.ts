import { readdirSync, readFileSync } from 'node:fs'
import { type HostSnapshot, type Source, sourceId } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Followed, follow } from '../live/follow.ts'
import { comparable, differences } from '../oracle/comparable.ts'
import { observe } from '../oracle/observed.ts'
import { seenIn } from '../oracle/seen.ts'
import { readDocker } from '../oracle/truth.ts'
import { observerOf } from './observerOf.ts'

const RESTARTS = 20
const SAID_WITHIN = 3_000
const RIGHT_WITHIN = 10_000
/** A ping every five seconds, three seconds of patience, and a busy machine. */
const HANGS_SAID_WITHIN = 12_000

describe.skipIf(process.getuid?.() !== 0)('dockerd', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let followed: Followed
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 'conv-docker' })
    const [first] = sandbox.hosts
    if (!first) throw new Error('the sandbox has no host')
    host = first
    for (let n = 0; n < 3; n++)
      await host.docker(
        'run',
        '-d',
        '--restart=always',
        '--stop-signal=KILL',
        `--name=c${n}`,
        'busybox',
        'sleep',
        '600',
      )
    followed = await follow(sandbox.name, host)
  })
  afterAll(async () => {
    await followed?.close()
    await sandbox?.down()
  })

  it(`is missed and found again ${RESTARTS} times, also killed in the middle of an answer`, {
    timeout: 300_000,
  }, async () => {
    await converged(host, followed)
    const descriptors = () => readdirSync(`/proc/${observerOf(host.initPid)}/fd`).length
    const before = descriptors()
    const said: number[] = []
    const right: number[] = []
    for (let n = 0; n < RESTARTS; n++) {
      const restarting = n % 4 === 0
      // What is asked while it dies: each of these makes the agent read.
      const asking = restarting
        ? []
        : [1, 2, 3].map((m) => host.exec(['docker', 'create', `--name=x${n}-${m}`, 'busybox']))
      if (!restarting)
        await followed.until(
          (state) => docker(state).state === 'ok' && Object.keys(state.records.container).length > 3 + n,
        )
      const missed = followed
        .until((state) => docker(state).state === 'unavailable', 30_000)
        .then(() => performance.now())
      if (restarting) await host.restartDocker()
      else await host.killDocker()
      const gone = performance.now()
      said.push((await missed) - gone)
      if (!restarting) await host.startDocker()
      right.push(await converged(host, followed))
      await Promise.all(asking)
    }
    console.log(
      `dockerd: its end said after ${list(said)} ms; right after ${list(right)} ms, the reading of the truth included; descriptors ${before} → ${descriptors()}`,
    )
    expect(Math.max(...said)).toBeLessThan(SAID_WITHIN)
    expect(descriptors()).toBeLessThanOrEqual(before + 2)
  })

  it('that hangs is said to hang, and blocks nothing', { timeout: 120_000 }, async () => {
    await converged(host, followed)
    const pid = readFileSync(`/proc/${host.initPid}/root/run/docker.pid`, 'utf8')
    await host.run(['kill', '-STOP', pid])
    try {
      const began = performance.now()
      const { detail } = await followed.until(
        (state) => docker(state).state === 'unavailable' && docker(state),
        HANGS_SAID_WITHIN,
      )
      const after = performance.now() - began
      expect(detail).toContain('has not answered')
      await host.run(['ip', 'link', 'add', 'meanwhile', 'type', 'bridge'])
      await followed.until((state) => Object.values(state.records.link).some(({ name }) => name === 'meanwhile'), 2_000)
      const fresh = performance.now()
      const observer = await observe(host)
      const ready = performance.now() - fresh
      const { snapshot } = await observer.look()
      expect(docker(snapshot)).toMatchObject({ state: 'unavailable', detail: expect.stringContaining('no answer') })
      expect(ready).toBeLessThan(20_000)
      await observer.close()
      console.log(
        `dockerd: its hanging said after ${Math.round(after)} ms; a new observer was ready in ${Math.round(ready)} ms`,
      )
    } finally {
      await host.run(['kill', '-CONT', pid])
    }
    await followed.until((state) => docker(state).state === 'ok', HANGS_SAID_WITHIN)
    await converged(host, followed)
  })
})

const list = (times: number[]) =>
  times
    .map((ms) => Math.round(ms))
    .sort((a, b) => a - b)
    .join(', ')

function docker(state: HostSnapshot): Source {
  const source = state.records.source[sourceId('docker')]
  if (!source) throw new Error('nothing is said of Docker')
  return source
}

/** Milliseconds until what is published equals what `docker inspect` says. */
async function converged(host: SandboxHost, followed: Followed): Promise<number> {
  const began = performance.now()
  await expect
    .poll(
      async () => {
        const [truth, seen] = [comparable(), comparable()]
        await readDocker(truth, host)
        const { container, dockerNetwork } = seenIn(followed.state())
        Object.assign(seen, { container, dockerNetwork })
        return [docker(followed.state()).state, ...differences(sorted(truth), sorted(seen))]
      },
      { timeout: RIGHT_WITHIN, interval: 20 },
    )
    .toEqual(['ok'])
  return performance.now() - began
}

const sorted = <T extends Record<string, string[]>>(facts: T): T => {
  for (const lines of Object.values(facts)) lines.sort()
  return facts
}
