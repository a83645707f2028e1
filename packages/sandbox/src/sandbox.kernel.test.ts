import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftOf, machineState, processesOf } from '../test/machine.ts'
import { foldersOf } from './folders.ts'
import {
  createSandbox,
  listSandboxes,
  netNamespacesWithin,
  openSandbox,
  type Sandbox,
  sandboxHostPidNamespaces,
  sweepSandbox,
} from './index.ts'

const root = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 't-sbx-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!root)('two hosts with Docker', () => {
  const name = 't-sbx-two'
  const before = root ? machineState() : undefined
  let sandbox: Sandbox
  let first: Sandbox['hosts'][number]

  beforeAll(async () => {
    const start = performance.now()
    sandbox = await createSandbox({ name, hosts: 2, wires: ['ens34'] })
    console.info(`${name}: up in ${Math.round(performance.now() - start)} ms`)
    first = sandbox.host('t-sbx-two-1')
  })

  afterAll(async () => {
    const processes = await processesOf(name)
    const start = performance.now()
    await sweepSandbox(name)
    console.info(`${name}: down in ${Math.round(performance.now() - start)} ms`)
    expect(leftOf(name, processes)).toEqual([])
    expect(machineState()).toEqual(before)
  })

  it('leaves the machine as it was, also while the sandbox is up', async () => {
    expect(machineState()).toEqual(before)
    const places = await sandboxHostPidNamespaces()
    expect(places.map((place) => place.role)).toEqual(['host', 'host', 'switch', 'outside'])
    expect(new Set(places.map((place) => place.netNamespaceInode)).size).toBe(4)
  })

  it('gives each host a NIC, an address and a name', async () => {
    expect(await first.run(['hostname'])).toBe('t-sbx-two-1\n')
    const addresses: unknown = JSON.parse(await first.run(['ip', '-j', '-4', 'addr', 'show', 'ens33']))
    expect(addresses).toMatchObject([
      { ifname: 'ens33', operstate: 'UP', addr_info: [{ local: '192.168.66.11', prefixlen: 24 }] },
    ])
    expect(await first.run(['ip', 'route', 'show', 'default'])).toContain('via 192.168.66.1 dev ens33')
    expect(await first.run(['ls', '/sys/class/net'])).toContain('ens34')
  })

  it('lets the hosts reach each other by name, and the outside, but not the real network', async () => {
    expect((await first.exec(['ping', '-c', '1', '-W', '2', 't-sbx-two-2'])).code).toBe(0)
    expect((await first.exec(['ping', '-c', '1', '-W', '2', sandbox.outside.address])).code).toBe(0)
    expect(await sandbox.fabric.run(['ip', 'route', 'show', 'default'])).toBe('')
  })

  it('serves a published port to the outside', async () => {
    await first.docker('run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'httpd', '-f', '-h', '/www')
    expect(await sandbox.outside.run(['busybox', 'wget', '-q', '-O', '-', `http://${first.address}:8080/`])).toBe(
      'a page from a container\n',
    )
    const pid = await first.docker('container', 'inspect', '--format', '{{.State.Pid}}', 'web')
    const inode = (await first.run(['readlink', `/proc/${pid}/ns/net`])).match(/\d+/)?.[0]
    const within = netNamespacesWithin(first.initPid)
    expect(within).toEqual(expect.arrayContaining([first.netNamespaceInode, Number(inode)]))
    expect(within).not.toContain(Number(readlinkSync('/proc/self/ns/net').match(/\d+/)?.[0]))
    await first.docker('rm', '-f', 'web')
  })

  it('looks like a machine of its own to brctl, ip netns and docker', async () => {
    expect(await first.run(['brctl', 'show'])).toMatch(/^docker0\t/m)
    await first.run(['ip', 'netns', 'add', 't-sbx-inner'])
    expect(await first.run(['ip', 'netns', 'exec', 't-sbx-inner', 'ip', '-br', 'link'])).toMatch(/^lo /)
    expect(await first.run(['ip', 'netns', 'list'])).toContain('t-sbx-inner')
    expect(existsSync('/run/netns/t-sbx-inner')).toBe(false)
    expect(await first.docker('info', '--format', '{{.Name}}')).toBe('t-sbx-two-1')
    expect(await sandbox.host('t-sbx-two-2').docker('info', '--format', '{{.Name}}')).toBe('t-sbx-two-2')
  })

  it('shows only its own processes, and reaps those that lost their parent', async () => {
    const orphan = ['setsid', '--fork', 'sleep', '0.01']
    await first.run(orphan)
    await expect.poll(() => first.run(['ps', '-e', '-o', 'comm='])).not.toContain('sleep <defunct>')
    expect(await first.run(['ps', '-e', '-o', 'pid=,comm='])).toMatch(/^\s*1 sleep$/m)
  })

  it('has no Docker where a host is without an engine', async () => {
    // The outside shares the files of the machine, but not its /run: no socket of any engine is in sight.
    const result = await sandbox.outside.exec(['docker', 'ps'])
    expect(result.code).not.toBe(0)
    expect(result.stderr).toContain('docker.sock')
  })

  it('restarts Docker with its data, after a stop and after a kill', async () => {
    await first.docker('create', '--name', 'kept', 'busybox')
    await first.restartDocker()
    expect(await first.docker('ps', '-aq', '--filter', 'name=kept')).not.toBe('')
    await first.killDocker()
    expect((await first.exec(['docker', 'ps'])).code).not.toBe(0)
    await first.restartDocker({ icc: false })
    expect(await first.docker('ps', '-aq', '--filter', 'name=kept')).not.toBe('')
    const options = await first.docker('network', 'inspect', 'bridge', '--format', '{{json .Options}}')
    expect(JSON.parse(options)).toMatchObject({ 'com.docker.network.bridge.enable_icc': 'false' })
  })

  it('runs a program with a channel to its parent, and ends it with its handle', async () => {
    const child = first.spawn(
      [process.execPath, '-e', 'process.send(require("os").hostname()); setInterval(() => {}, 1e6)'],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    expect(await new Promise((resolve) => child.once('message', resolve))).toBe('t-sbx-two-1')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    await expect.poll(() => first.run(['ps', '-e', '-o', 'args='])).not.toContain('setInterval')
  })

  it('keeps a working directory on request, and stops what runs too long', async () => {
    expect(await first.run(['pwd'])).toBe('/\n')
    expect(await first.run(['pwd'], { cwd: '/usr/bin' })).toBe('/usr/bin\n')
    expect((await first.exec(['sleep', 'infinity'], { timeoutMs: 50 })).code).toBe(124)
  })

  it('is listed, opened by name, and refuses a second of its name', async () => {
    expect(await listSandboxes()).toMatchObject([{ name, state: 'up' }])
    expect((await openSandbox(name)).hosts.map((host) => host.address)).toEqual(['192.168.66.11', '192.168.66.12'])
    await expect(createSandbox({ name })).rejects.toMatchObject({ code: 'SANDBOX_EXISTS' })
    await expect(openSandbox('t-sbx-none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(createSandbox({ name: '../up' })).rejects.toMatchObject({ code: 'BAD_NAME' })
    expect(await listSandboxes()).toMatchObject([{ name, state: 'up' }])
  })
})

describe.skipIf(!root)('a sandbox with options', () => {
  it('starts without the data that an earlier sandbox of its name left', async () => {
    const name = 't-sbx-again'
    const left = join(foldersOf(name).data, 't-sbx-again-1/docker/left')
    mkdirSync(left, { recursive: true })
    try {
      await createSandbox({ name, docker: false })
      expect(existsSync(left)).toBe(false)
    } finally {
      await sweepSandbox(name)
    }
  })

  it('passes engine options, leaves an engine out, and starts one on a bridge made before', async () => {
    const name = 't-sbx-options'
    try {
      const hosts = [{ docker: { icc: false, bip: '10.9.0.1/24' } }, { name: 't-sbx-bare', docker: false }]
      const sandbox = await createSandbox({ name, hosts, subnet: '192.168.70' })
      const [first] = sandbox.hosts
      const bare = sandbox.host('t-sbx-bare')
      expect(await first?.run(['ip', '-br', 'addr', 'show', 'docker0'])).toContain('10.9.0.1/24')
      expect(bare).toMatchObject({ address: '192.168.70.12', dockerSocket: null })
      await bare.run(['ip', 'link', 'add', 'br0', 'up', 'type', 'bridge'])
      await bare.run(['ip', 'address', 'add', '10.8.0.1/24', 'dev', 'br0'])
      await bare.startDocker({ bridge: 'br0' })
      expect(await bare.docker('network', 'inspect', 'bridge')).toContain('10.8.0.0/24')
    } finally {
      await sweepSandbox(name)
    }
    expect(leftOf(name, [])).toEqual([])
  })

  it('removes what it made when an engine does not start, and says why', async () => {
    const name = 't-sbx-broken'
    const before = machineState()
    const hosts = [{}, { docker: { 'no-such-option': true } }]
    await expect(createSandbox({ name, hosts })).rejects.toMatchObject({
      code: 'DOCKER_NOT_READY',
      message: expect.stringContaining('no-such-option'),
    })
    expect(leftOf(name, [])).toEqual([])
    expect(machineState()).toEqual(before)
  })
})
