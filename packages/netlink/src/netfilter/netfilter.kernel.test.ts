import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startInNetns } from '../../test/child.ts'
import { makeNetns, type TestNetns, withoutRoot } from '../../test/netns.ts'
import { RULES } from '../../test/ruleset.ts'
import { NETLINK, withNetlink } from '../socket.ts'
import { type ConntrackEntry, dumpConntrack, type Tuple } from './conntrack.ts'
import { legacyTableBlob } from './legacyTable.ts'
import { dumpNftChains, dumpNftRules, dumpNftSets, dumpNftTables, nftGeneration } from './nftables.ts'

const SCRIPT = `
const net = require('net'), dgram = require('dgram')
net.createServer(() => {}).listen(9090, '127.0.0.1', () => {
  net.connect(8080, '127.0.0.1', () => {
    const udp = dgram.createSocket('udp4')
    udp.bind(5555, '127.0.0.1', () => udp.send('x', 5556, '127.0.0.1', () => console.log('ready')))
  })
})`

type NftObject = { table?: Json; chain?: Json; rule?: Json; set?: Json }
type Json = Record<string, unknown>

describe.skipIf(withoutRoot)('netfilter against nft -j, conntrack and iptables-legacy', () => {
  let netns: TestNetns
  let stop = async () => {}

  beforeAll(async () => {
    netns = makeNetns()
    netns.ip('link', 'set', 'lo', 'up')
    netns.feed(RULES, 'nft', '-f', '-')
    netns.run('sysctl', '-qw', 'net.netfilter.nf_conntrack_acct=1')
    stop = (await startInNetns(netns, SCRIPT)).stop
    netns.run('ping', '-w', '5', '-c', '2', '-i', '0.2', '127.0.0.1')
    netns.run('ping', '-6', '-w', '5', '-c', '1', '::1')
  })
  afterAll(async () => {
    await stop()
    netns.remove()
  })

  const ask = <T>(act: (socket: Parameters<typeof dumpConntrack>[0]) => T): T =>
    withNetlink(netns.path, NETLINK.NETFILTER, (socket) => {
      const answer = act(socket)
      expect(socket.tally.truncated).toBe(0)
      return answer
    })
  const nft = () => {
    // The shape is nft's, see libnftables-json(5).
    const { nftables } = JSON.parse(netns.run('nft', '-j', '-a', 'list', 'ruleset')) as { nftables: NftObject[] }
    return nftables
  }
  const objects = (kind: keyof NftObject): Json[] =>
    nft().flatMap((object) => {
      const found = object[kind]
      return found ? [found] : []
    })

  it('tables and sets', () => {
    const mine = ask(dumpNftTables).map(({ family, name, handle, flags }) => ({ family, name, handle, flags }))
    // This nft leaves flags out of its JSON.
    expect(mine.map(({ flags, ...table }) => table)).toEqual(objects('table').map(({ flags, ...table }) => table))
    expect(mine.find((table) => table.name === 'asleep')?.flags).toEqual(['dormant'])
    expect(ask(dumpNftSets)).toEqual([
      expect.objectContaining({ family: 'inet', table: 'filter', name: 'blocked', keyLength: 4 }),
    ])
  })

  it('chains', () => {
    const mine = ask(dumpNftChains).map(({ family, table, name, handle, type, hook, policy }) => ({
      family,
      table,
      name,
      handle,
      ...(hook ? { type, hook: hook.hook, prio: hook.priority, policy } : {}),
    }))
    expect(mine).toHaveLength(6)
    // This nft leaves the device out of its JSON.
    expect(ask(dumpNftChains).find((chain) => chain.name === 'in')?.hook?.devices).toEqual(['lo'])
    expect(byHandle(mine)).toEqual(byHandle(objects('chain')))
  })

  it('rules with handle, comment and counters', () => {
    const mine = ask((socket) => dumpNftRules(socket))
    const theirs = objects('rule')
    expect(theirs).toHaveLength(7)
    for (const [index, rule] of theirs.entries()) {
      const { family, table, chain, handle, comment, counter, expressions } = mine[index] ?? {}
      expect({ family, table, chain, handle, comment }).toEqual({ comment: undefined, ...without(rule, 'expr') })
      // A rule's "expr" is a list of objects.
      const [theirCounter] = (rule.expr as Json[]).flatMap((expression) => expression.counter ?? [])
      expect(counter).toEqual(theirCounter)
      expect(expressions?.length).toBeGreaterThan(0)
    }
    const accept = mine.find((rule) => rule.comment === 'new ones')
    expect(accept?.counter?.packets).toBeGreaterThan(0)
    expect(accept?.expressions.map((expression) => expression.name)).toEqual([
      'ct',
      'bitwise',
      'cmp',
      'counter',
      'immediate',
    ])
    expect(ask((socket) => dumpNftRules(socket, { table: 'nat' })).map((rule) => rule.chain)).toEqual([
      'output',
      'post',
    ])
  })

  it('a generation that only a change of the rules moves', () => {
    const before = ask(nftGeneration).id
    expect(ask(nftGeneration).id).toBe(before)
    netns.run('nft', 'add', 'table', 'ip', 'later')
    expect(ask(nftGeneration).id).not.toBe(before)
    netns.run('nft', 'delete', 'table', 'ip', 'later')
  })

  it('connections', () => {
    const theirs = ['ipv4', 'ipv6'].flatMap((family) =>
      netns.run('conntrack', '-L', '-f', family, '-o', 'extended,id').split('\n').filter(Boolean),
    )
    const mine = ask(dumpConntrack)
    expect(mine.length).toBeGreaterThanOrEqual(4)
    expect(mine.map(asConntrackPrints).sort()).toEqual(theirs.map(withoutTimeout).sort())
    const nat = mine.find((entry) => entry.tcpState === 'ESTABLISHED')
    expect(nat?.status).toEqual(expect.arrayContaining(['SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'DST_NAT']))
    expect(nat?.timeout).toBeGreaterThan(400_000)
    expect(mine.find((entry) => entry.family === 'inet6')?.orig.icmp?.type).toBe(128)
  })

  it('a fingerprint of legacy tables that counts no packets', () => {
    const read = () => legacyTableBlob(netns.path, 'inet', 'filter')
    netns.run('iptables-legacy', '-A', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT')
    netns.run('ip6tables-legacy', '-A', 'INPUT', '-p', 'tcp', '-j', 'ACCEPT')
    expect(netns.run('cat', '/proc/thread-self/net/ip_tables_names')).toContain('filter')
    const before = read()
    expect(before.entries).toBe(5)
    expect(legacyTableBlob(netns.path, 'inet6', 'filter').entries).toBe(5)
    netns.run('ping', '-w', '5', '-c', '1', '127.0.0.1')
    const counted = read()
    expect(counted.blob.equals(before.blob)).toBe(false)
    expect(counted.fingerprint).toBe(before.fingerprint)
    netns.run('iptables-legacy', '-P', 'FORWARD', 'DROP')
    expect(read().fingerprint).not.toBe(before.fingerprint)
    netns.run('iptables-legacy', '-P', 'FORWARD', 'ACCEPT')
    expect(read().fingerprint).toBe(before.fingerprint)
    netns.run('iptables-legacy', '-A', 'INPUT', '-p', 'udp', '-j', 'DROP')
    expect(read().fingerprint).not.toBe(before.fingerprint)
    expect(() => legacyTableBlob(netns.path, 'inet', 'nosuch')).toThrow(/read legacy inet table nosuch: ENOENT/)
  })
})

function byHandle(rows: Json[]): Json[] {
  const key = (row: Json) => `${row.family} ${row.table} ${row.name}`
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function without(row: Json, key: string): Json {
  const { [key]: _dropped, ...rest } = row
  return rest
}

const NAMES: Record<number, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' }

function asConntrackPrints(entry: ConntrackEntry): string {
  const side = (tuple: Tuple) =>
    tuple.icmp
      ? `src=${tuple.src} dst=${tuple.dst} type=${tuple.icmp.type} code=${tuple.icmp.code} id=${tuple.icmp.id}`
      : `src=${tuple.src} dst=${tuple.dst} sport=${tuple.sport} dport=${tuple.dport}`
  const counters = (of: ConntrackEntry['countersOrig']) => `packets=${of?.packets} bytes=${of?.bytes}`
  const flag = entry.status.includes('SEEN_REPLY') ? '' : '[UNREPLIED]'
  return [
    entry.family === 'inet' ? 'ipv4 2' : 'ipv6 10',
    NAMES[entry.orig.protocol],
    entry.orig.protocol,
    entry.tcpState,
    side(entry.orig),
    counters(entry.countersOrig),
    flag,
    side(entry.reply),
    counters(entry.countersReply),
    entry.status.includes('ASSURED') ? '[ASSURED]' : '',
    `mark=${entry.mark} use=${entry.use} id=${entry.id}`,
  ]
    .filter((part) => part !== '' && part !== undefined)
    .join(' ')
}

/** "ipv4 2 tcp 6 431999 ESTABLISHED src=…" without the seconds. */
function withoutTimeout(line: string): string {
  const words = line.trim().split(/\s+/)
  words.splice(4, 1)
  return words.join(' ')
}
