import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Container, type HostInfo, netnsId, recordSchemas, type Source } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost, sweepSandbox } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock, systemScheduler } from '../scheduler.ts'
import { createStore, type Store } from '../store.ts'
import type { Observer, ObserverContext } from './contract.ts'
import { dockerObserver } from './docker.ts'

const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 't-dkr-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

type Watched = { store: Store; observer: Observer; rescans: () => number; source: () => Source | undefined }

/** The observer on a sandbox host, seen from outside through /proc/PID/root. */
function watchHost(host: Pick<SandboxHost, 'initPid'>, socket = '/run/docker.sock'): Watched {
  const root = `/proc/${host.initPid}/root`
  const inode = (pid: number | string) => netnsId(statSync(`${root}/proc/${pid}/ns/net`).ino)
  const rootNetns = inode(1)
  const info: HostInfo = {
    id: 'h',
    name: 'h',
    vantage: { kind: 'sandbox', sandbox: 't-dkr', rootless: false },
    kernel: '6',
    bootId: 'b',
    rootNetns,
    agentVersion: '0',
    privileged: true,
  }
  const store = createStore(info, systemScheduler)
  let rescans = 0
  const context: ObserverContext = {
    vantage: { host: info, rootNetns, dockerSocket: root + socket },
    namespaces: {
      get: () => undefined,
      all: () => [],
      ofProcess: inode,
      rescan: () => {
        rescans++
      },
    },
    sink: store.sink,
    clock: systemClock,
    scheduler: systemScheduler,
    setSource: (name, state) => store.sink.put('source', { id: `source:${name}`, name, ...state }),
    busy: (work) => work(),
  }
  const observer = dockerObserver(context, { root })
  return { store, observer, rescans: () => rescans, source: () => store.sink.get('source', 'source:docker') }
}

/** Waits for a published state that satisfies `check`; gives its milliseconds. Rejects after ten seconds. */
function until(store: Store, check: () => boolean): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(() => reject(new Error(`did not come in 10 s: ${check}`))), 10_000)
    const look = () => check() && finish(() => resolve(performance.now() - start))
    const stop = store.subscribe(look)
    const finish = (settle: () => void) => {
      clearTimeout(late)
      stop()
      settle()
    }
    look()
  })
}

type Inspected = {
  Id: string
  State: { Pid: number; Status: string }
  HostsPath: string
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>
    Networks: Record<string, { IPAddress: string; MacAddress: string; NetworkID: string; GlobalIPv6Address: string }>
  }
}

describe.skipIf(!isRoot)('Docker of a sandbox host', () => {
  const name = 't-dkr'
  let sandbox: Sandbox
  let host: SandboxHost
  let watched: Watched

  const containers = () => watched.store.sink.list('container')
  const named = (wanted: string): Container => {
    const found = containers().find((c) => c.name === wanted)
    if (!found) throw new Error(`no container ${wanted}`)
    return found
  }
  const isThere = (wanted: string) => containers().some((c) => c.name === wanted)
  const inspect = async (wanted: string): Promise<Inspected> => JSON.parse(await host.docker('inspect', wanted))[0]
  const run = (...argv: string[]) => host.docker('run', '-d', ...argv, 'busybox', 'sleep', 'infinity')

  beforeAll(async () => {
    sandbox = await createSandbox({ name, docker: { 'userland-proxy': true } })
    host = sandbox.host(`${name}-1`)
    await host.docker('network', 'create', '--ipv6', '--subnet', '10.44.0.0/24', '--subnet', 'fd00:44::/64', 'six')
    await host.docker('network', 'create', '--internal', '-o', 'com.docker.network.bridge.name=br-inner', 'inner')
    await host.docker('network', 'create', '-d', 'macvlan', '-o', 'parent=ens33', '--subnet', '10.45.0.0/24', 'mac')
    await run('--name', 'db')
    await run('--name', 'web', '--link', 'db:data', '-p', '8080:80', '-p', '127.0.0.1:8081:81/udp', '--hostname', 'www')
    watched = watchHost(host)
    await watched.observer.start()
  })

  afterAll(async () => {
    await watched?.observer.close()
    watched?.store.close()
    await sweepSandbox(name)
  })

  it('says that it can be read, and makes records that pass their schemas', () => {
    expect(watched.source()).toMatchObject({ state: 'ok' })
    for (const kind of ['container', 'dockerNetwork', 'dockerEngine'] as const) {
      const records = watched.store.sink.list(kind)
      expect(records.length).toBeGreaterThan(0)
      for (const record of records) expect(recordSchemas[kind].parse(record)).toEqual(record)
    }
  })

  it('knows the engine', async () => {
    const version = JSON.parse(await host.docker('version', '--format', '{{json .Server}}'))
    expect(watched.store.sink.get('dockerEngine', 'engine')).toMatchObject({
      version: version.Version,
      swarm: 'inactive',
      defaultBridge: 'docker0',
      icc: true,
      userlandProxy: true,
      iptables: true,
    })
  })

  it('knows the images by their names, while they change', async () => {
    const names = () => watched.store.sink.get('dockerEngine', 'engine')?.images?.map(({ name }) => name)
    expect(names()).toEqual(['busybox:latest'])
    await host.docker('tag', 'busybox', 'again:2')
    await until(watched.store, () => names()?.join() === 'again:2,busybox:latest')
    await host.docker('rmi', 'again:2')
    await until(watched.store, () => names()?.join() === 'busybox:latest')
  })

  it('knows with what a container was made, and no secret of it', async () => {
    const image = JSON.parse(await host.docker('image', 'inspect', 'busybox'))[0]
    const options = ['--user', 'nobody', '--cap-add', 'NET_ADMIN', '--rm', '-e', 'PASSWORD=sesame', '-v', '/etc:/e:ro']
    await run('--name', 'made', ...options)
    await until(watched.store, () => isThere('made') && named('made').state === 'running')
    expect(named('made').made).toEqual({
      imageId: image.Id,
      options: ['--user', 'nobody'],
      args: ['sleep', 'infinity'],
      environment: true,
      imageLabels: [],
      powers: ['--cap-add', '--volume /etc:/e'],
      others: ['AutoRemove'],
    })
    expect(JSON.stringify(named('made'))).not.toContain('sesame')
    await host.docker('kill', 'made')
  })

  it('knows networks, their bridges and parents', () => {
    const networks = Object.fromEntries(watched.store.sink.list('dockerNetwork').map((n) => [n.name, n]))
    expect(Object.keys(networks).sort()).toEqual(['bridge', 'host', 'inner', 'mac', 'none', 'six'])
    expect(networks.bridge).toMatchObject({ driver: 'bridge', bridge: 'docker0' })
    expect(networks.inner).toMatchObject({ internal: true, bridge: 'br-inner' })
    expect(networks.mac).toMatchObject({ driver: 'macvlan', parent: 'ens33', ipam: [{ subnet: '10.45.0.0/24' }] })
    expect(networks.six).toMatchObject({ ipv6: true, bridge: `br-${networks.six?.networkId.slice(0, 12)}` })
    expect(networks.six?.ipam.map((i) => i.subnet)).toEqual(['10.44.0.0/24', 'fd00:44::/64'])
  })

  it('knows links, names and files of a container', () => {
    const web = named('web')
    expect(web).toMatchObject({ hostname: 'www', links: ['db:data'], networkMode: 'bridge', state: 'running' })
    const db = named('db').attachments[0]?.ip
    expect(web.etcHosts).toContain(`${db}\tdata`)
    expect(web.etcHosts).toMatch(/\twww$/m)
    expect(web.resolvConf).toBeDefined()
    expect(web.netns).toBe(netnsId(statSync(`/proc/${host.initPid}/root/proc/${web.pid}/ns/net`).ino))
  })

  it.each([
    ['bridge', ['--network', 'bridge'], 'bridge'],
    ['host', ['--network', 'host'], 'host'],
    ['none', ['--network', 'none'], 'none'],
    ['shared', ['--network', 'container:web'], /^container:[0-9a-f]{64}$/],
    ['own', ['--network', 'six', '--network-alias', 'alias-a', '--ip', '10.44.0.99'], 'six'],
    ['mac', ['--network', 'mac'], 'mac'],
  ])('mode %s equals docker inspect', async (mode, options, expected) => {
    await run('--name', `m-${mode}`, ...options)
    const took = await until(watched.store, () => isThere(`m-${mode}`) && named(`m-${mode}`).state === 'running')
    const record = named(`m-${mode}`)
    const truth = await inspect(`m-${mode}`)
    expect(record.networkMode).toMatch(expected)
    expect(record.pid).toBe(truth.State.Pid)
    expect(record.netns).toBe(netnsId(statSync(`/proc/${host.initPid}/root/proc/${truth.State.Pid}/ns/net`).ino))
    const networks = Object.entries(truth.NetworkSettings.Networks)
    expect(record.attachments.map((a) => [a.network, a.networkId, a.ip ?? '', a.mac ?? '', a.ip6 ?? ''])).toEqual(
      networks.map(([n, e]) => [n, e.NetworkID, e.IPAddress, e.MacAddress, e.GlobalIPv6Address]),
    )
    expect(took).toBeLessThan(15_000)
    if (mode === 'own') expect(record.attachments[0]?.aliases).toContain('alias-a')
    if (mode === 'shared') expect(record.etcHosts).toBe(named('web').etcHosts)
  })

  it.each([
    ['host:container', ['-p', '9001:80'], { hostIp: '', hostPort: 9001 }],
    ['ip:host:container', ['-p', '127.0.0.1:9002:80'], { hostIp: '127.0.0.1', hostPort: 9002 }],
    ['ip::container', ['-p', '127.0.0.1::80'], { hostIp: '127.0.0.1', hostPort: '' }],
    ['container', ['-p', '80'], { hostIp: '', hostPort: '' }],
    ['udp', ['-p', '9003:80/udp'], { hostIp: '', hostPort: 9003, protocol: 'udp' }],
    ['range', ['-p', '9010-9012:80-82'], { hostIp: '', hostPort: 9010 }],
    ['range to one', ['-p', '9020-9022:80'], { hostIp: '', hostPort: '9020-9022' }],
    ['all', ['--expose', '80', '-P'], undefined],
  ])('port form %s equals docker inspect, with its proxy', async (form, options, asked) => {
    const container = `p-${form.replace(/[ :]/g, '-')}`
    await run('--name', container, ...options)
    await until(watched.store, () => isThere(container) && named(container).ports.length > 0)
    const record = named(container)
    const truth = Object.entries((await inspect(container)).NetworkSettings.Ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map((b) => `${port} ${b.HostIp} ${b.HostPort}`),
    )
    const shown = record.ports.map((p) => `${p.containerPort}/${p.protocol} ${p.hostIp} ${p.hostPort}`)
    expect(shown.sort()).toEqual(truth.sort())
    expect(record.publishAll).toBe(form === 'all')
    if (asked) expect(record.requestedPorts[0]).toMatchObject(asked)
    for (const { proxyPid, hostPort } of record.ports) {
      const argv = (await host.run(['cat', `/proc/${proxyPid}/cmdline`])).split('\0')
      expect(argv[0]).toMatch(/docker-proxy$/)
      expect(argv).toContain(String(hostPort))
    }
  })

  it('follows start, rename, connect, disconnect and kill', async () => {
    const rescans = watched.rescans()
    await run('--name', 'one', '--restart', 'on-failure:3')
    await until(watched.store, () => isThere('one') && named('one').state === 'running')
    expect(named('one').restartPolicy).toBe('on-failure:3')
    expect(watched.rescans()).toBeGreaterThan(rescans)
    await host.docker('rename', 'one', 'two')
    await until(watched.store, () => isThere('two') && !isThere('one'))
    await host.docker('network', 'connect', '--alias', 'second', 'inner', 'two')
    await until(watched.store, () => named('two').attachments.length === 2)
    expect(named('two').attachments.find((a) => a.network === 'inner')?.aliases).toContain('second')
    expect(named('two').etcHosts).toContain(named('two').attachments.find((a) => a.network === 'inner')?.ip)
    await host.docker('network', 'disconnect', 'inner', 'two')
    await until(watched.store, () => named('two').attachments.length === 1)
    await host.docker('pause', 'two')
    await until(watched.store, () => named('two').state === 'paused')
    await host.docker('unpause', 'two')
    await host.docker('update', '--restart', 'no', 'two')
    await until(watched.store, () => named('two').state === 'running' && named('two').restartPolicy === 'no')
    await host.docker('kill', 'two')
    await until(watched.store, () => named('two').state === 'exited')
    expect(named('two')).toMatchObject({ exitCode: 137, ports: [] })
    expect(named('two').pid ?? named('two').netns ?? named('two').etcHosts).toBeUndefined()
    await host.docker('rm', 'two')
    await until(watched.store, () => !isThere('two'))
  })

  it('follows what Docker announces to nobody: a stopped container that is connected, and files written inside', async () => {
    const networks = (wanted: string) => named(wanted).attachments.map(({ network }) => network)
    await host.docker('create', '--name', 'asleep', 'busybox', 'sleep', 'infinity')
    await until(watched.store, () => isThere('asleep'))
    await host.docker('network', 'connect', 'inner', 'asleep')
    await until(watched.store, () => networks('asleep').includes('inner'))
    await host.docker('network', 'disconnect', 'inner', 'asleep')
    await until(watched.store, () => !networks('asleep').includes('inner'))
    await host.docker('start', 'asleep')
    await until(watched.store, () => named('asleep').state === 'running')
    await host.docker('exec', 'asleep', 'sh', '-c', 'echo 10.1.2.3 written-inside >> /etc/hosts')
    await until(watched.store, () => named('asleep').etcHosts?.includes('written-inside') === true)
    await host.docker('kill', 'asleep')
    await until(watched.store, () => named('asleep').state === 'exited')
    await host.docker('network', 'connect', 'inner', 'asleep')
    await until(watched.store, () => networks('asleep').includes('inner'))
    await host.docker('rm', 'asleep')
    await until(watched.store, () => !isThere('asleep'))
  })

  it('follows networks and swarm', async () => {
    const network = (wanted: string) => watched.store.sink.list('dockerNetwork').find((n) => n.name === wanted)
    const swarm = () => watched.store.sink.get('dockerEngine', 'engine')?.swarm
    await host.docker('network', 'create', '--label', 'a=b', 'extra')
    await until(watched.store, () => network('extra')?.labels.a === 'b')
    await host.docker('network', 'rm', 'extra')
    await until(watched.store, () => network('extra') === undefined)
    await host.docker('swarm', 'init', '--advertise-addr', host.address)
    await until(watched.store, () => swarm() === 'active' && network('ingress')?.ingress === true)
    await host.docker('swarm', 'leave', '--force')
    await until(watched.store, () => swarm() === 'inactive' && network('ingress') === undefined)
  })

  it('keeps a name with control characters as it is', async () => {
    await run('--name', 'odd', '--label', 'text=a\u001b[31m\u0007b', '--add-host', 'x:1.2.3.4')
    await until(watched.store, () => isThere('odd') && named('odd').state === 'running')
    expect(named('odd').labels.text).toBe('a\u001b[31m\u0007b')
    expect(named('odd').extraHosts).toEqual(['x:1.2.3.4'])
  })

  it('survives a restart of dockerd with other options', async () => {
    // "sleep" as first process ignores TERM, and dockerd waits ten seconds for each that still runs.
    await host.docker('kill', ...containers().flatMap((c) => (c.state === 'running' ? c.name : [])))
    const held = containers().length
    const restart = host.restartDocker({ 'userland-proxy': false, icc: false })
    await until(watched.store, () => watched.source()?.reason === 'NOT_RUNNING')
    expect(containers()).toHaveLength(held)
    await restart
    const took = await until(watched.store, () => watched.source()?.state === 'ok')
    expect(took).toBeLessThan(15_000)
    const engine = () => watched.store.sink.get('dockerEngine', 'engine')
    await until(watched.store, () => engine()?.icc === false)
    expect(engine()).toMatchObject({ userlandProxy: false, icc: false })
    expect(named('web').state).toBe('exited')
    await host.docker('start', 'db', 'web')
    await until(watched.store, () => named('web').state === 'running')
    expect(named('web').ports.every((p) => p.proxyPid === undefined)).toBe(true)
  })

  it('survives the death of dockerd, and what happened meanwhile', async () => {
    await host.killDocker()
    await until(watched.store, () => watched.source()?.reason === 'NOT_RUNNING')
    await host.startDocker()
    await host.docker('rm', '-f', 'web')
    await until(watched.store, () => watched.source()?.state === 'ok' && !isThere('web'))
  })

  it('leaves nothing open', async () => {
    // Pipes of finished commands may close meanwhile, so five at once: what they leave outweighs that.
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    const five = Array.from({ length: 5 }, () => watchHost(host))
    await Promise.all(five.map(({ observer }) => observer.start()))
    for (const { source } of five) expect(source()?.state).toBe('ok')
    expect(open()).toBeGreaterThanOrEqual(before + 5)
    await Promise.all(five.map(({ observer }) => observer.close()))
    for (const { store } of five) store.close()
    // A destroyed socket lets go of its descriptor a turn or two of the event loop later.
    for (let turn = 0; turn < 10 && open() > before; turn++) await new Promise((done) => setImmediate(done))
    expect(open()).toBeLessThanOrEqual(before)
  })

  it('misses nothing in a burst', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `burst${i}`)
    await Promise.all(names.map((n) => run('--name', n)))
    await until(watched.store, () => names.every((n) => isThere(n) && named(n).state === 'running'))
    await host.docker('rm', '-f', ...names)
    await until(watched.store, () => names.every((n) => !isThere(n)))
  })
})

describe.skipIf(!isRoot)('a host without Docker', () => {
  const name = 't-dkr-none'
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await createSandbox({ name, docker: false })
  })
  afterAll(() => sweepSandbox(name))

  it('says what is missing, and notices when it comes', async () => {
    const host = sandbox.host(`${name}-1`)
    const { store, observer, source } = watchHost(host)
    await observer.start()
    expect(source()).toMatchObject({ state: 'unavailable', reason: 'NOT_RUNNING' })
    expect(source()?.detail).toContain('/run/docker.sock is missing')
    await host.startDocker()
    await until(store, () => source()?.state === 'ok')
    expect(
      store.sink
        .list('dockerNetwork')
        .map((n) => n.name)
        .sort(),
    ).toEqual(['bridge', 'host', 'none'])
    await observer.close()
    store.close()
  })
})
