import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type HostSnapshot, type Link, recordsOf } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { deriveTopology, type Topology } from '@hopscope/topology'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observe } from './oracle/observed.ts'

const NAMESPACES = 300
const UNNAMED = 8
const ACROSS = 6

type Pair = { a: string; b: string; what: string }

describe.skipIf(process.getuid?.() !== 0)('veth pairs', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-veths', hosts: 2, docker: false })
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  it(`every pair over ${NAMESPACES} namespaces is found, and none is wrong`, { timeout: 240_000 }, async () => {
    const [one, two] = sandbox.hosts
    if (!one || !two) throw new Error('two hosts were asked for')
    const pairs = await plug(one)
    pairs.push(...(await plugUnnamed(one)), ...(await plugAcross(one, two)))
    const observers = [await observe(one), await observe(two)]
    const snapshots = await Promise.all(observers.map(async (o) => (await o.look()).snapshot))
    // The observers above say "oracle" for both; the page tells hosts apart by id.
    const hosts = snapshots.map((s, i) => ({ ...s, host: { ...s.host, id: `host-${i}` } }))
    const found = pairsIn(hosts, deriveTopology(hosts))
    const wanted = new Map(
      pairs.flatMap(
        (p) =>
          [
            [p.a, p],
            [p.b, p],
          ] as const,
      ),
    )
    const wrong = pairs.filter((p) => found.get(p.a) !== p.b || found.get(p.b) !== p.a)
    const invented = [...found].filter(([a, b]) => wanted.has(a) && wanted.get(a)?.a !== b && wanted.get(a)?.b !== b)
    console.log(
      `veths: ${pairs.length} pairs over ${NAMESPACES} namespaces, ${wrong.length} missing or wrong, ${invented.length} invented`,
    )
    expect(wrong).toEqual([])
    expect(invented).toEqual([])
    await Promise.all(observers.map((o) => o.close()))
  })
})

let serial = 0
const nextMac = (): string => {
  serial += 1
  return `02:00:00:00:${(serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`
}

/** Named namespaces: to the root, to each other, with equal ifindexes, inside one namespace, and with renamed ends. */
async function plug(host: SandboxHost): Promise<Pair[]> {
  const pairs: Pair[] = []
  const commands: string[] = []
  for (let i = 1; i <= NAMESPACES; i++) commands.push(`netns add n${i}`)
  await batch(host, '', commands.splice(0))
  const add = (what: string, left: string, right: string) => {
    const [a, b] = [nextMac(), nextMac()]
    pairs.push({ a, b, what })
    return `link add ${left} address ${a} type veth peer ${right} address ${b}`
  }
  for (let i = 1; i <= NAMESPACES; i++) {
    const index = i % 3 === 0 ? ` index ${1000 + i}` : ''
    commands.push(add(index ? 'equal ifindexes' : 'to the root', `name v${i}${index}`, `name eth0 netns n${i}${index}`))
  }
  await batch(host, '', commands.splice(0))
  for (let i = 1; i <= NAMESPACES; i += 10) {
    const neighbour = `n${(i % NAMESPACES) + 1}`
    await batch(host, `n${i}`, [
      add('to another namespace', `name side${i}`, `name edis${i} netns ${neighbour}`),
      add('inside one namespace', `name in${i}`, `name out${i}`),
      'link set eth0 name renamed0',
    ])
  }
  return pairs
}

/** Namespaces that only a process holds. */
async function plugUnnamed(host: SandboxHost): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let i = 0; i < UNNAMED; i++) {
    const child = host.spawn(['unshare', '--net', 'busybox', 'sh', '-c', 'echo $$; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (!child.stdout) throw new Error('no output to read the pid from')
    const [pid] = await once(createInterface({ input: child.stdout }), 'line')
    const [a, b] = [nextMac(), nextMac()]
    await host.run([
      'ip',
      'link',
      'add',
      'name',
      `u${i}`,
      'address',
      a,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'address',
      b,
      'netns',
      String(pid),
    ])
    pairs.push({ a, b, what: 'to a namespace without a name' })
  }
  return pairs
}

/** From one sandbox host into the other, as a cable would be. */
async function plugAcross(one: SandboxHost, two: SandboxHost): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let i = 0; i < ACROSS; i++) {
    const [a, b] = [nextMac(), nextMac()]
    // Half of them have the same index on both sides.
    const index = i % 2 ? ['index', String(5000 + i)] : []
    const peer = ['peer', 'name', `y${i}`, ...index, 'address', b, 'netns', String(two.initPid)]
    // The other host's first process has its number on the machine, so the machine's files are needed here.
    const add = ['ip', 'link', 'add', 'name', `x${i}`, ...index, 'address', a, 'type', 'veth', ...peer]
    const [program = '', ...argv] = one.enterArgv(add, { only: 'net' })
    execFileSync(program, argv)
    pairs.push({ a, b, what: 'to the other host' })
  }
  return pairs
}

async function batch(host: SandboxHost, namespace: string, commands: string[]): Promise<void> {
  const prefix = namespace ? ['nsenter', `--net=/run/netns/${namespace}`] : []
  await host.run([...prefix, 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** MAC → MAC of the other end, as the map draws it. */
function pairsIn(hosts: HostSnapshot[], topology: Topology): Map<string, string> {
  const links = new Map<string, Link>()
  for (const h of hosts) for (const l of recordsOf(h, 'link')) links.set(`${h.host.id} ${l.id}`, l)
  const found = new Map<string, string>()
  for (const edge of topology.edges) {
    if (edge.kind !== 'veth') continue
    const [a, b] = edge.refs.flatMap((r) =>
      r.kind === 'link' ? (links.get(`${r.hostId} ${r.id}`)?.address ?? []) : [],
    )
    if (!a || !b) continue
    found.set(a, b)
    found.set(b, a)
  }
  return found
}
