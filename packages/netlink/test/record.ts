/**
 * Records messages of this kernel into test/captured: `tsx test/record.ts`, as root. The meaning is written down by our own
 * decoders, so look at the difference before committing it; the kernel tests compare the same decoders with iproute2.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Message, Reader } from '../src/codec/reader.ts'
import { attribute, u32 } from '../src/codec/writer.ts'
import { makeOwnedTables } from '../src/netfilter/ownedTable.ts'
import { startTracing } from '../src/netfilter/ruleExpressions.ts'
import { NFNLGRP_NFTRACE } from '../src/netfilter/trace.ts'
import { NETLINK, type NetlinkSocket, openNetlink, withNetlink } from '../src/socket.ts'
import { startInNetns } from './child.ts'
import { type Captured, DECODERS, type DecoderName } from './decoders.ts'
import { RULES } from './ruleset.ts'
import { makeScene, type Scene } from './scene.ts'

const FAMILY_BRIDGE = Buffer.from([7, ...Array<number>(11).fill(0)])
const LINKS = Buffer.concat([Buffer.alloc(16), attribute(29, u32(8))])
const LISTENERS = Buffer.alloc(56)
LISTENERS.set([10, 6])
LISTENERS.writeUInt32LE(1 << 10, 4)
const TCP_SERVER = `require('net').createServer(() => {}).listen(1234, '::', () => console.log('ready'))`
const directory = new URL('captured/', import.meta.url)

mkdirSync(directory, { recursive: true })
const scene = makeScene()
try {
  await record(scene)
} finally {
  scene.remove()
}

async function record({ netns, other }: Scene): Promise<void> {
  netns.feed(RULES, 'nft', '-f', '-')
  netns.run('ping', '-w', '5', '-c', '1', '127.0.0.1')
  const server = await startInNetns(netns, TCP_SERVER)
  withNetlink(netns.path, NETLINK.ROUTE, (socket) => {
    dump(socket, 'links', 18, LINKS)
    dump(socket, 'addresses', 22, Buffer.alloc(8))
    dump(socket, 'routes', 26, Buffer.alloc(12))
    dump(socket, 'rules', 34, Buffer.alloc(12))
    dump(socket, 'neighbours', 30, Buffer.alloc(12))
    dump(socket, 'fdb', 30, FAMILY_BRIDGE)
    dump(socket, 'netconf', 82, Buffer.from([2, 0, 0, 0]))
    dump(socket, 'nsids', 90, Buffer.alloc(4))
  })
  withNetlink(netns.path, NETLINK.NETFILTER, (socket) => {
    const header = Buffer.alloc(4)
    dump(socket, 'nftTables', 0xa01, header)
    dump(socket, 'nftChains', 0xa04, header)
    dump(socket, 'nftRules', 0xa07, header)
    dump(socket, 'nftSets', 0xa0a, header)
    dump(socket, 'conntrack', 0x101, header)
  })
  withNetlink(netns.path, NETLINK.SOCK_DIAG, (socket) => dump(socket, 'sockets', 20, LISTENERS))
  await server.stop()
  await events('routeEvents', openNetlink(netns.path, NETLINK.ROUTE, { groups: [1, 3, 5, 8, 24, 28] }), () => {
    netns.ip('link', 'set', 'v0', 'nomaster')
    netns.ip('link', 'set', 'mv0', 'netns', other.name)
  })
  await traces(netns)
  await events('netfilterEvents', openNetlink(netns.path, NETLINK.NETFILTER, { groups: [7] }), () => {
    netns.run('nft', 'delete', 'table', 'ip', 'nat')
  })
}

function dump(socket: NetlinkSocket, name: DecoderName, ...[type, payload]: [number, Buffer]): void {
  write(
    name,
    socket.dump({ type, payload, doing: `record ${name}` }, (reader, message) => capture(name, reader, message)),
  )
}

/** Packets that a table of ours traces. */
async function traces(netns: Scene['netns']): Promise<void> {
  const owned = makeOwnedTables(netns.path, [
    {
      family: 'ip',
      name: 'traces',
      timedSets: [],
      chains: [{ name: 'out', hook: { hook: 'output', priority: -350 }, rules: [startTracing()] }],
    },
  ])
  await events('nftTraces', openNetlink(netns.path, NETLINK.NETFILTER, { groups: [NFNLGRP_NFTRACE] }), () =>
    netns.run('ping', '-w', '5', '-c', '1', '127.0.0.1'),
  )
  owned.close()
}

async function events(name: DecoderName, socket: NetlinkSocket, act: () => unknown): Promise<void> {
  const captured: Captured[] = []
  const heard = new Promise<void>((resolve) => {
    socket.watch({
      onMessage: (reader, message) => {
        captured.push(capture(name, reader, message))
        resolve()
      },
      onLoss: (code) => {
        throw new Error(code)
      },
    })
  })
  act()
  await heard
  socket.close()
  write(name, captured)
}

function capture(name: DecoderName, reader: Reader, message: Message): Captured {
  return {
    type: message.type,
    flags: message.flags,
    payload: reader.bytes.toString('hex', message.start, message.end),
    expected: DECODERS[name](reader, message),
  }
}

function write(name: DecoderName, captured: Captured[]): void {
  // What a decoder has no use for (multicast routing rules) is not worth keeping.
  const useful = captured.filter((message) => message.expected !== undefined)
  writeFileSync(new URL(`${name}.json`, directory), `${JSON.stringify(useful, null, 1)}\n`)
}
