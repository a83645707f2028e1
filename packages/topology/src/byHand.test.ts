import { execFileSync } from 'node:child_process'
import { type HostSnapshot, type Link, linkId, RECORD_KINDS, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote } from './byHand/quote.ts'
import { commandsFor } from './byHand.ts'

const host = generateHost({ containers: 46, neighbours: [11] })
const find = <T>(list: T[], test: (x: T) => boolean): T => {
  const found = list.find(test)
  if (found === undefined) throw new Error('the generated host lacks what this test is about')
  return found
}
const links = recordsOf(host, 'link')
const command = (s: HostSnapshot, l: Link, fact: string) =>
  commandsFor(s, 'link', l.id).find((c) => c.fact === fact)?.command

describe('commandsFor', () => {
  it('is plain in the root namespace', () => {
    const docker0 = find(links, (l) => l.name === 'docker0')
    expect(command(host, docker0, 'link')).toBe('ip -d link show dev docker0')
    expect(command(host, docker0, 'fdb')).toBe('bridge fdb show br docker0')
    expect(command(host, docker0, 'bridge')).toBe('brctl show docker0')
  })

  it("names iproute2's namespaces", () => {
    const ns1 = find(recordsOf(host, 'netns'), (n) => n.names.some((x) => x.name === 'ns1'))
    const veth1 = find(links, (l) => l.netns === ns1.id && l.name === 'veth1')
    expect(command(host, veth1, 'link')).toBe('ip -n ns1 -d link show dev veth1')
    expect(command(host, veth1, 'peer')).toBe('ip -n ns2 -d link show dev veth2')
    const sysctl = find(recordsOf(host, 'sysctl'), (s) => s.netns === ns1.id)
    expect(commandsFor(host, 'sysctl', sysctl.id)[0]?.command).toBe('ip netns exec ns1 sysctl net.ipv4.ip_forward')
  })

  it("enters a container's namespace through its process, and shows the peer in the root", () => {
    const web = find(recordsOf(host, 'container'), (c) => c.name === 'web')
    const eth0 = find(links, (l) => l.netns === web.netns && l.name === 'eth0')
    expect(command(host, eth0, 'counters')).toBe(`nsenter -t ${web.pid} -n ip -s link show dev eth0`)
    expect(command(host, eth0, 'peer')).toMatch(/^ip -d link show dev veth[0-9a-f]{7}$/)
  })

  it('enters a hidden namespace through the file that holds it', () => {
    const vxlan = find(links, (l) => l.name === 'vxlan0')
    expect(command(host, vxlan, 'fdb')).toMatch(
      /^nsenter --net=\/run\/docker\/netns\/1-\w+ bridge fdb show dev vxlan0$/,
    )
  })

  it('speaks the dialect a rule was written in', () => {
    const rule = find(recordsOf(host, 'fwRule'), (r) => r.chain === 'DOCKER' && r.table === 'nat')
    expect(commandsFor(host, 'fwRule', rule.id)).toEqual([
      { fact: 'rules', command: 'iptables -t nat -L DOCKER 1 -n -v' },
      { fact: 'asTyped', command: 'iptables -t nat -S DOCKER 1' },
      { fact: 'nft', command: 'nft -a list chain ip nat DOCKER' },
    ])
  })

  it('asks for exactly the route, socket and container', () => {
    const route = find(recordsOf(host, 'route'), (r) => r.dst === '192.168.50.0/24' && r.netns === host.host.rootNetns)
    expect(commandsFor(host, 'route', route.id).map((c) => c.command)).toEqual([
      'ip route show table main exact 192.168.50.0/24',
      'ip route get 192.168.50.0',
    ])
    const socket = find(recordsOf(host, 'socket'), (s) => s.netns === host.host.rootNetns && s.port === 8080)
    expect(commandsFor(host, 'socket', socket.id)).toEqual([{ fact: 'socket', command: "ss -ltnp 'sport = :8080'" }])
    const web = find(recordsOf(host, 'container'), (c) => c.name === 'web')
    expect(commandsFor(host, 'container', web.id)[0]).toEqual({ fact: 'container', command: 'docker inspect web' })
  })

  it('has a command for every record but sources, and none for a record that is not there', () => {
    for (const kind of RECORD_KINDS) {
      expect(commandsFor(host, kind, 'no such id')).toEqual([])
      for (const r of recordsOf(host, kind))
        expect(commandsFor(host, kind, r.id).length > 0, `${kind} ${r.id}`).toBe(kind !== 'source')
    }
  })

  it('quotes names that a shell would take apart', () => {
    const docker0 = find(links, (l) => l.name === 'docker0')
    const odd: Link = { ...docker0, name: "a'b c", index: 999, id: linkId(docker0.netns, 999) }
    const with_ = { ...host, records: { ...host.records, link: { ...host.records.link, [odd.id]: odd } } }
    expect(command(with_, odd, 'link')).toBe(`ip -d link show dev 'a'\\''b c'`)
  })

  it('quotes any word so that a shell gives it back', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((s) => !s.includes('\0')),
        (word) => {
          expect(execFileSync('sh', ['-c', `printf %s ${quote(word)}`]).toString()).toBe(Buffer.from(word).toString())
        },
      ),
      { numRuns: 60 },
    )
  })
})
