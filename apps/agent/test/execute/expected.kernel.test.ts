import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectedAfter } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { createSandbox, type Sandbox } from '@hopscope/sandbox'
import { deriveTopology, type Topology } from '@hopscope/topology'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Observation, observe } from '../oracle/observed.ts'
import { CASES, HOST } from './cases.ts'
import { DOCKER_CASES, DOCKER_HOST } from './dockerCases.ts'
import { type Executing, execute } from './executing.ts'

/** Each of these changes a map; the cases of the matrix, and what they leave out. */
const COMMANDS: readonly Command[] = [
  ...CASES.map(({ command }) => command),
  { do: 'link.up', netns: 'root', link: 'side1' },
  { do: 'link.attach', netns: 'root', link: 'side1', bridge: 'br0' },
  { do: 'link.move', netns: 'root', link: 'side1', to: 'green' },
  { do: 'macvlan.create', netns: 'blue', name: 'mv8', parent: 'eth0', mode: 'private' },
  { do: 'route.delete', netns: 'blue', dst: 'default', table: 254 },
  ...DOCKER_CASES.map(({ command }) => command),
  { do: 'network.create', name: 'lan', driver: 'macvlan', subnet: '10.79.0.0/24', parent: 'off0' },
  { do: 'container.create', name: 'fresh', image: 'busybox:latest', network: 'host', command: ['sleep', 'infinity'] },
  { do: 'container.create', name: 'fresh', image: 'busybox:latest', network: 'none', command: ['sleep', 'infinity'] },
  {
    do: 'container.create',
    name: 'fresh',
    image: 'busybox:latest',
    network: 'container:web',
    command: ['sleep', '9999'],
  },
]

describe.skipIf(process.getuid?.() !== 0)('what is shown beforehand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-expected-'))
  let sandbox: Sandbox
  let observation: Observation
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-expected' })
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    for (const words of DOCKER_HOST) await host.docker(...words)
    const batch = (argv: string[], lines: readonly string[]) =>
      host.run([...argv, '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') })
    await batch(['ip'], HOST.namespaces)
    await batch(['ip'], HOST.root)
    await batch(['ip', '-n', 'blue'], HOST.blue)
    host.spawn(['ip', 'netns', 'exec', 'busy', 'sleep', 'infinity'], { stdio: 'ignore' }).unref()
    observation = await observe(host)
    executing = await execute(host, folder)
  }, 60_000)
  afterAll(async () => {
    await observation?.close()
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
  })

  const look = async (): Promise<HostSnapshot> => (await observation.look()).snapshot
  /** Waits until the host looks like this; docker and the kernel take a moment. */
  const comesTo = (state: HostSnapshot, read = outlineOf) =>
    vi.waitFor(async () => expect(read(await look())).toEqual(read(state)), { timeout: 10_000, interval: 100 })

  it.each(COMMANDS.map((command) => [JSON.stringify(command), command] as const))(
    '%s',
    { timeout: 60_000 },
    async (_, command) => {
      const before = await look()
      const expected = expectedAfter(command, before)
      if (expected === undefined) return expect(NOT_DRAWN).toContain(command.do)
      const done = await executing.ask({ kind: 'run', command })
      expect(done?.answer, JSON.stringify(done)).toMatchObject({ kind: 'change', change: { state: 'done' } })
      if (done?.answer.kind !== 'change') throw new Error('it was one above')
      try {
        await comesTo(expected)
        const found = detailsOf(await look())
        expect([...detailsOf(expected)].filter((detail) => !found.has(detail))).toEqual([])
      } finally {
        await executing.ask({ kind: 'undo', id: done.answer.change.id })
      }
      // A container that comes back to a network may have another link there.
      await comesTo(before, (state) =>
        outlineOf(state)
          .map((line) => line.replaceAll(/\beth\d\b/g, 'eth'))
          .sort(),
      )
    },
  )
})

/** These change nothing that a map shows, or are shown by their steps alone. */
const NOT_DRAWN: readonly string[] = ['neighbour.add', 'neighbour.delete', 'neighbour.flush', 'fdb.add', 'fdb.delete']

/** Names that Docker makes of ids. */
const nameless = (text: string): string =>
  text.replaceAll(/\bveth(?:[0-9a-f]{7}|…)/g, 'veth…').replaceAll(/\bbr-(?:[0-9a-f]{12}|…)/g, 'br-…')

/** Everything that a map shows of a host, without ids and what Docker alone chooses. */
function outlineOf(snapshot: HostSnapshot): string[] {
  const { nodes, edges } = deriveTopology([snapshot])
  const names = namesOf({ nodes, edges })
  const name = (id: string | undefined): string => (id === undefined ? '' : (names.get(id) ?? '?'))
  const marks = (badges: Topology['nodes'][number]['badges']): string =>
    badges
      .flatMap((b) => (b.kind === 'peer' ? [] : b.kind === 'attachment' ? `→${b.to}` : `${b.value}`))
      .sort()
      .join(',')
  return [
    ...nodes.map((n) =>
      nameless(
        [
          name(n.id),
          n.kind === 'interface' ? '' : n.detail,
          n.state,
          marks(n.badges),
          name(n.parent),
          name(n.rack),
        ].join(' | '),
      ),
    ),
    ...edges.map((e) => nameless([e.kind, name(e.source), name(e.target), e.state, e.secondary ?? ''].join(' | '))),
  ].sort()
}

function namesOf({ nodes }: Topology): Map<string, string> {
  const labels = new Map(nodes.map((n) => [n.id, n.label]))
  return new Map(
    nodes.map((n) => [
      n.id,
      `${n.kind} ${n.label}${n.kind === 'interface' ? ` in ${labels.get(n.parent ?? '')}` : ''}`,
    ]),
  )
}

/** Addresses of links inside of boxes. */
function detailsOf(snapshot: HostSnapshot): Set<string> {
  const { nodes } = deriveTopology([snapshot])
  return new Set(
    nodes.flatMap((n) => (n.kind === 'interface' && n.detail !== undefined ? `${n.label} ${n.detail}` : [])),
  )
}
