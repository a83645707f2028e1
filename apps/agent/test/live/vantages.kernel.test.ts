import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '@hopscope/sandbox'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import type { FeedMessage, HostFeed } from '../../src/feed.ts'
import { allProcesses } from '../../src/observe/processes.ts'
import { watchSandboxes } from '../../src/sandboxes.ts'
import { systemScheduler } from '../../src/scheduler.ts'
import { createVantages } from '../../src/vantages.ts'

/** A link that writes down what the hub would be told, and wakes whoever waits for it. */
function recordingLink() {
  const hosts = new Map<string, FeedMessage[]>()
  const feeds: HostFeed[] = []
  const gone: string[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  const link: Parameters<typeof createVantages>[0] = {
    add(feed: HostFeed) {
      hosts.set(feed.hostId, [])
      feeds.push(feed)
      feed.resync()
    },
    send(message) {
      hosts.get(message.message.hostId)?.push(message)
      wake()
    },
    remove(hostId) {
      hosts.delete(hostId)
      gone.push(hostId)
      wake()
    },
    away: () => undefined,
  }
  const until = (holds: () => boolean, limitMs = 15_000) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${holds}`)), limitMs)
      const look = () => {
        if (!holds()) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { link, hosts, feeds, gone, until }
}

describe.skipIf(process.getuid?.() !== 0)('vantages', () => {
  it('come with the hosts of a sandbox, and go with them', async () => {
    const { link, hosts, feeds, gone, until } = recordingLink()
    const folder = mkdtempSync(join(tmpdir(), 'hopscope-changes-'))
    vi.stubEnv('HOPSCOPE_CHANGES', folder)
    const vantages = createVantages(link, systemScheduler, pino({ level: 'silent' }))
    const mine = (name: string) => name === 't-come-go'
    const watch = watchSandboxes(systemScheduler, (up) => vantages.set(up.filter(({ sandbox }) => mine(sandbox))))
    const sandbox = await createSandbox({ name: 't-come-go', hosts: 2, docker: false })
    try {
      await until(() => hosts.size === 2 && [...hosts.values()].every((sent) => sent[0]?.type === 'snapshot'))
      const ids = [...hosts.keys()].sort()
      expect(ids.map((id) => id.replace(/^[0-9a-f]+-/, ''))).toEqual(['t-come-go-t-come-go-1', 't-come-go-t-come-go-2'])
      // Each is a process of its own, and tells its own figures.
      const [one, other] = await Promise.all(feeds.map((feed) => feed.metrics()))
      expect(one).toMatchObject({ namespaces: 1, losses: 0, repairs: 0, loopDelay: expect.any(Number) })
      expect(one?.memory).not.toBe(other?.memory)
      // What lives in a sandbox, whatever its ancestors are called, is not the machine's own.
      const inside = sandbox.hosts.map((host) => host.initPid)
      expect(inside.every((pid) => watch.foreign.has(pid))).toBe(true)
      expect(watch.foreign.has(process.pid)).toBe(false)
      expect(allProcesses()).toEqual(expect.arrayContaining(inside))
      // A change is told of at each step, in the words of the one who runs it.
      const [feed] = feeds
      const run = (shown: string[]) =>
        feed?.changing.change({
          kind: 'run',
          by: 'ada',
          role: 'operator',
          shown,
          command: { do: 'bridge.create', netns: 'root', name: 'br9' },
        })
      const moved = await run([])
      const made = await run(moved?.kind === 'moved' ? moved.shell : [])
      const progress = () =>
        (hosts.get(feed?.hostId ?? '') ?? []).flatMap(({ type, message }) => (type === 'progress' ? [message] : []))
      await until(() => progress().at(-1)?.change.state === 'done')
      expect(made).toEqual({ kind: 'change', change: progress().at(-1)?.change })
      expect(progress()[0]?.change).toMatchObject({ state: 'running', by: 'ada', steps: [{ state: 'doing' }, {}] })
      await sandbox.down()
      await until(() => gone.length >= 2)
      expect([...new Set(gone)].sort()).toEqual(ids)
      expect(hosts.size).toBe(0)
    } finally {
      watch.close()
      await vantages.close()
      rmSync(folder, { recursive: true })
    }
  })
})
