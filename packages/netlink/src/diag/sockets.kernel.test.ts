import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startInNetns } from '../../test/child.ts'
import { makeNetns, type TestNetns, withoutRoot } from '../../test/netns.ts'
import { NETLINK, withNetlink } from '../socket.ts'
import { dumpListeningSockets } from './sockets.ts'

const SCRIPT = `
const net = require('net'), dgram = require('dgram')
const tcp = (options) => new Promise((resolve) => net.createServer(() => {}).listen(options, resolve))
const udp = (type, ...where) => new Promise((resolve) => dgram.createSocket(type).bind(...where, resolve))
Promise.all([
  tcp({ port: 1234, host: '127.0.0.1', backlog: 7 }),
  tcp({ port: 1235, host: '::' }),
  tcp({ port: 1236, host: '::1', ipv6Only: true }),
  udp('udp4', 53, '0.0.0.0'),
  udp('udp6', 54, '::1'),
]).then(() => net.connect(1234, '127.0.0.1', () => console.log('ready')))`

describe.skipIf(withoutRoot)('listening sockets against ss -lntue', () => {
  let netns: TestNetns
  let stop = async () => {}
  beforeAll(async () => {
    netns = makeNetns()
    netns.ip('link', 'set', 'lo', 'up')
    stop = (await startInNetns(netns, SCRIPT)).stop
  })
  afterAll(async () => {
    await stop()
    netns.remove()
  })

  it('has address, port, queues, user and inode of each', () => {
    const { sockets } = withNetlink(netns.path, NETLINK.SOCK_DIAG, dumpListeningSockets)
    const theirs = netns.run('ss', '-H', '-n', '-l', '-t', '-u', '-e').trim().split('\n').map(parse)
    expect(theirs).toHaveLength(5)
    const mine = sockets.map((socket) => ({
      protocol: socket.protocol,
      // ss writes "*" for an IPv6 socket that takes IPv4 as well.
      local: `${socket.address === '::' && !socket.v6only ? '*' : socket.family === 'inet6' ? `[${socket.address}]` : socket.address}:${socket.port}`,
      receiveQueue: socket.receiveQueue,
      sendQueue: socket.sendQueue,
      inode: socket.inode,
      v6only: socket.v6only,
    }))
    const order = (a: { local: string }, b: { local: string }) => (a.local < b.local ? -1 : 1)
    expect(mine.sort(order)).toEqual(theirs.sort(order))
    expect(sockets.every((socket) => socket.uid === 0 && socket.ifindex === undefined)).toBe(true)
    expect(sockets.find((socket) => socket.port === 1234)).toMatchObject({
      sendQueue: 7,
      protocol: 'tcp',
      family: 'inet',
    })
  })
})

/** "tcp LISTEN 0 7 127.0.0.1:1234 0.0.0.0:* ino:123 sk:1 cgroup:/ v6only:0 <->" */
function parse(line: string) {
  const [protocol, , receiveQueue, sendQueue, local] = line.split(/\s+/)
  const v6only = /v6only:(\d)/.exec(line)?.[1]
  return {
    protocol,
    local: local ?? '',
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    inode: Number(/ino:(\d+)/.exec(line)?.[1]),
    v6only: v6only === undefined ? undefined : v6only === '1',
  }
}
