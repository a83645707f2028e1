import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type HostSnapshot, hostSnapshotSchema, type Link, linkId, recordsOf } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Followed, follow } from './follow.ts'

const isRoot = process.getuid?.() === 0
const netnsNamed = (s: HostSnapshot, name: string) =>
  recordsOf(s, 'netns').find((netns) => netns.names.some((n) => n.name === name))
const linkIn = (s: HostSnapshot, netns: string | undefined, name: string): Link | undefined =>
  recordsOf(s, 'link').find((link) => link.netns === netns && link.name === name)
const root = (s: HostSnapshot) => s.host.rootNetns

describe.skipIf(!isRoot)('a followed sandbox host', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let seen: Followed
  const ip = (...argv: string[]) => host.run(['ip', ...argv])

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-live', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('the sandbox has no host')
    host = first
    seen = await follow(sandbox.name, host)
  })
  afterAll(async () => {
    await seen?.close()
    await sandbox?.down()
  })

  it('is a host of its own, with every source stated and strict records', () => {
    const state = seen.state()
    expect(state.host).toMatchObject({ name: host.name, privileged: true })
    expect(state.host.vantage).toEqual({ kind: 'sandbox', sandbox: 't-live', rootless: false })
    expect(state.host.rootNetns).toBe(`ns:${host.netNamespaceInode}`)
    const unavailable = recordsOf(state, 'source').filter((source) => source.state !== 'ok')
    expect(unavailable.map(({ name, reason }) => [name, reason])).toEqual([['docker', 'NOT_RUNNING']])
    expect(() => hostSnapshotSchema.parse(JSON.parse(JSON.stringify(state)))).not.toThrow()
  })

  it('tells of a peer in a namespace that nobody here can see', () => {
    const nic = linkIn(seen.state(), root(seen.state()), host.nic)
    expect(nic).toMatchObject({ linkNetns: null, ghostPeer: { name: 'port1' } })
  })

  it('sees a namespace come with its links and go with them, and does not keep it alive', async () => {
    await ip('netns', 'add', 'blue')
    const blue = await seen.until((s) => netnsNamed(s, 'blue'))
    await ip('link', 'add', 'to-blue', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue')
    const near = await seen.until((s) => {
      const link = linkIn(s, root(s), 'to-blue')
      return link?.linkNetns === blue.id && link
    })
    await seen.until((s) => s.records.link[linkId(blue.id, near.iflink ?? 0)]?.linkNetns === root(s))
    await ip('netns', 'del', 'blue')
    // The kernel removes the near end only when the namespace really ended.
    await seen.until((s) => linkIn(s, root(s), 'to-blue') === undefined)
    await seen.until((s) => netnsNamed(s, 'blue') === undefined)
    expect(recordsOf(seen.state(), 'link').filter((link) => link.netns === blue.id)).toEqual([])
  })

  it('follows a veth end from namespace to namespace, though its other end hears nothing of it', async () => {
    for (const name of ['one', 'two']) await ip('netns', 'add', name)
    await ip(
      'link',
      'add',
      'fixed',
      'index',
      '700',
      'type',
      'veth',
      'peer',
      'name',
      'roamer',
      'index',
      '700',
      'netns',
      'one',
    )
    const peerNetns = (s: HostSnapshot) => linkIn(s, root(s), 'fixed')?.linkNetns
    await seen.until((s) => peerNetns(s) === netnsNamed(s, 'one')?.id && peerNetns(s) !== undefined)
    await ip('-n', 'one', 'link', 'set', 'roamer', 'netns', 'two')
    // Both namespaces are read, one after the other.
    const roamer = (s: HostSnapshot) => linkIn(s, netnsNamed(s, 'two')?.id, 'roamer')
    await seen.until((s) => peerNetns(s) === netnsNamed(s, 'two')?.id && roamer(s) !== undefined)
    expect(roamer(seen.state())).toMatchObject({ iflink: 700, linkNetns: root(seen.state()) })
    await ip('-n', 'two', 'link', 'set', 'roamer', 'netns', '1')
    await seen.until((s) => linkIn(s, root(s), 'roamer') !== undefined && peerNetns(s) === undefined)
    for (const name of ['one', 'two']) await ip('netns', 'del', name)
    await ip('link', 'del', 'fixed')
    await seen.until((s) => linkIn(s, root(s), 'roamer') === undefined)
  })

  it('does not mistake a new namespace for the ended one whose number it got', async () => {
    for (let round = 0; round < 5; round++) {
      await ip('netns', 'add', `again${round}`)
      await ip('-n', `again${round}`, 'link', 'add', `br${round}`, 'type', 'bridge')
      const netns = await seen.until((s) => {
        const found = netnsNamed(s, `again${round}`)
        return linkIn(s, found?.id, `br${round}`) && found
      })
      const names = recordsOf(seen.state(), 'link').flatMap((link) => (link.netns === netns.id ? [link.name] : []))
      expect(names.filter((name) => name !== 'lo')).toEqual([`br${round}`])
      await ip('netns', 'del', `again${round}`)
    }
    await seen.until((s) => recordsOf(s, 'netns').length === 1)
  })

  it('finds the namespace of a plain process, and its end', async () => {
    const child = host.spawn(['unshare', '--net', 'sleep', '300'], { stdio: 'ignore' })
    const netns = await seen.until((s) =>
      recordsOf(s, 'netns').find((n) => n.processes.some((p) => p.comm === 'sleep') && !n.root),
    )
    await seen.until((s) => linkIn(s, netns.id, 'lo'))
    child.kill('SIGKILL')
    await host.exec(['kill', String(netns.processes[0]?.pid)])
    await seen.until((s) => s.records.netns[netns.id] === undefined)
  })

  it('shows the rules of both iptables back ends and native ones, each in its own words', async () => {
    await host.run([
      'iptables-nft',
      '-A',
      'INPUT',
      '-p',
      'tcp',
      '-m',
      'comment',
      '--comment',
      'from nft',
      '-j',
      'ACCEPT',
    ])
    await host.run(['iptables-legacy', '-t', 'nat', '-A', 'POSTROUTING', '-s', '10.9.0.0/24', '-j', 'MASQUERADE'])
    await host.run([
      'nft',
      'add table inet mine; add chain inet mine c { type filter hook input priority 5; policy drop; }',
    ])
    await host.run([
      'nft',
      'add',
      'rule',
      'inet',
      'mine',
      'c',
      'tcp',
      'dport',
      '{',
      '80,',
      '443',
      '}',
      'counter',
      'accept',
    ])
    const rules = (s: HostSnapshot) =>
      recordsOf(s, 'fwRule').map(({ engine, table, text, target }) => [engine, table, text, target])
    await seen.until((s) => rules(s).length === 3)
    expect(rules(seen.state()).sort()).toEqual([
      ['legacy', 'nat', '-A POSTROUTING -s 10.9.0.0/24 -j MASQUERADE', 'MASQUERADE'],
      ['nft', 'filter', '-A INPUT -p tcp -m comment --comment "from nft" -j ACCEPT', 'ACCEPT'],
      ['nft', 'mine', 'tcp dport { 80, 443 } counter accept', 'accept'],
    ])
    expect(recordsOf(seen.state(), 'fwChain').find((chain) => chain.chain === 'c')).toMatchObject({
      hook: 'input',
      priority: 5,
      policy: 'drop',
    })
    expect(recordsOf(seen.state(), 'fwRule').find((rule) => rule.table === 'filter')?.comment).toBe('from nft')
    await host.run(['iptables-legacy', '-t', 'nat', '-F'])
    await host.run(['nft', 'flush', 'ruleset'])
    await seen.until((s) => rules(s).length === 0)
  })

  it('sees switches thrown, and routes that vanish without a word', async () => {
    const forwards = (s: HostSnapshot) => recordsOf(s, 'sysctl').find((one) => one.netns === root(s))?.ipForward
    await host.run(['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    await seen.until((s) => forwards(s) === true)
    await host.run(['sysctl', '-qw', 'net.ipv4.ip_forward=0'])
    await seen.until((s) => forwards(s) === false)
    await ip('link', 'add', 'sw', 'type', 'bridge')
    await ip('addr', 'add', '10.77.0.1/24', 'dev', 'sw')
    await ip('link', 'set', 'sw', 'up')
    await ip('route', 'add', '10.78.0.0/16', 'via', '10.77.0.9', 'onlink', 'dev', 'sw')
    const routes = (s: HostSnapshot) => recordsOf(s, 'route').filter((route) => /^10\.7[78]\./.test(route.dst))
    await seen.until((s) => routes(s).some((route) => route.dst === '10.78.0.0/16'))
    await ip('link', 'set', 'sw', 'down')
    await seen.until((s) => routes(s).every((route) => route.type === 'local'))
    await ip('link', 'del', 'sw')
    await seen.until((s) => routes(s).length === 0)
  })

  it('finds who listens, and samples counters only while somebody looks', async () => {
    const listener = host.spawn(['busybox', 'nc', '-l', '-p', '7999'], { stdio: 'ignore' })
    const socket = await seen.until((s) => recordsOf(s, 'socket').find((one) => one.port === 7999 && one.process))
    expect(socket).toMatchObject({ protocol: 'tcp', process: { comm: 'busybox' } })
    const ended = once(listener, 'exit')
    listener.kill('SIGKILL')
    await ended
    expect(seen.samples()).toBeUndefined()
    seen.feed.watch(['links'])
    await host.run(['ping', '-c', '2', '-i', '0.2', '127.0.0.1'])
    const state = seen.state()
    const lo = linkIn(state, root(state), 'lo')?.id ?? ''
    await seen.until(() => (seen.samples()?.links?.[lo]?.rxPackets ?? 0) >= 4)
    seen.feed.watch([])
    await seen.until((s) => !recordsOf(s, 'socket').some((one) => one.port === 7999))
  })

  it('ends its process when it is closed', async () => {
    const before = await follow(sandbox.name, host)
    const agents = () =>
      execFileSync('pgrep', ['-f', `observe --inside.*"sandbox":"t-live"`]).toString().trim().split('\n')
    const count = agents().length
    await before.close()
    expect(agents().length).toBeLessThan(count)
  })
})

describe.skipIf(!isRoot)('without privileges', () => {
  it('shows its own namespace, and says what it may not see', () => {
    const entry = join(import.meta.dirname, 'snapshotOnce.ts')
    expect(existsSync(entry)).toBe(true)
    // A user that has no other process, whose namespaces would be seen and not entered.
    const nobody = ['setpriv', '--reuid', '64123', '--regid', '64123', '--clear-groups', '--bounding-set', '-all', '--']
    const node = [process.execPath, '--import', import.meta.resolve('tsx'), entry]
    const program = ['--net', '--', ...nobody, ...node]
    const env = { ...process.env, TMPDIR: '/tmp', HOME: '/nonexistent' }
    const state = hostSnapshotSchema.parse(
      JSON.parse(execFileSync('unshare', program, { env, maxBuffer: 1 << 26 }).toString()),
    )
    expect(state.host.privileged).toBe(false)
    expect(recordsOf(state, 'link').map((link) => link.name)).toContain('lo')
    const sources = new Map(recordsOf(state, 'source').map((source) => [source.name, source]))
    expect(sources.get('links')?.state).toBe('ok')
    expect(sources.get('namespaces')).toMatchObject({ state: 'partial', reason: 'NOT_ROOT' })
    for (const name of ['nftables', 'conntrack'] as const) {
      expect(sources.get(name)).toMatchObject({ state: 'unavailable', reason: 'NOT_ROOT' })
    }
  })
})
