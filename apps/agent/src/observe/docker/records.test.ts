import { containerSchema, dockerNetworkSchema } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { addAffected, isNothing, nothing } from './affected.ts'
import { containerRecord } from './containerRecord.ts'
import { networkRecord } from './networkRecord.ts'
import { portsInForce, requestedPorts } from './ports.ts'
import { parseProxy, withProxies } from './proxies.ts'
import { containerShape, eventShape, networkShape } from './shapes.ts'

const web = 'a'.repeat(64)
const db = 'b'.repeat(64)

/** An answer with no more than the engine must send; everything else may be null or absent, depending on its age. */
const answer = (over: object = {}) => ({
  Id: web,
  Name: '/web',
  Created: '2026-01-02T03:04:05Z',
  Path: 'httpd',
  Args: ['-f', '-p', '80'],
  State: { Status: 'created', StartedAt: '0001-01-01T00:00:00Z', Pid: 0, ExitCode: 0 },
  HostConfig: { NetworkMode: 'default', Links: null, PortBindings: null },
  Config: { Image: 'busybox', Labels: null },
  NetworkSettings: { Networks: { shop: { NetworkID: '', Aliases: null } }, Ports: null },
  SomethingNew: { of: ['a later version'] },
  ...over,
})
const defaults = { LoggingDriver: 'json-file', CgroupVersion: '1', DefaultRuntime: 'runc' }
const facts = { networkNames: new Map([['n'.repeat(64), 'shop']]), defaults }
const record = (over: object = {}) => containerRecord(containerShape.parse(answer(over)), facts)

describe('a container that was created only', () => {
  it('is a valid record without what does not exist yet', () => {
    expect(containerSchema.parse(record())).toEqual(record())
    expect(record()).toMatchObject({ name: 'web', command: 'httpd -f -p 80', networkMode: 'bridge', ports: [] })
    for (const key of ['pid', 'netns', 'exitCode', 'startedAt', 'etcHosts'] as const)
      expect(record()[key]).toBeUndefined()
  })
  it('finds the id of a network that it knows by name', () => {
    expect(record().attachments).toEqual([{ networkId: 'n'.repeat(64), network: 'shop', aliases: [], links: [] }])
  })
})

describe('a container', () => {
  it('names a mode that holds the id of a network', () => {
    expect(record({ HostConfig: { NetworkMode: 'n'.repeat(64) } }).networkMode).toBe('shop')
    expect(record({ HostConfig: { NetworkMode: `container:${db}` } }).networkMode).toBe(`container:${db}`)
  })
  it('shows a link as it was typed', () => {
    expect(record({ HostConfig: { Links: ['/db:/web/data'] } }).links).toEqual(['db:data'])
  })
  it('joins the names that Docker 25 keeps apart', () => {
    const Networks = { shop: { NetworkID: 'x', Aliases: ['w'], DNSNames: ['web', 'w', 'aaaaaaaaaaaa'] } }
    expect(record({ NetworkSettings: { Networks } }).attachments[0]?.aliases).toEqual(['aaaaaaaaaaaa', 'w', 'web'])
  })
  it.each([
    [{ Name: 'always', MaximumRetryCount: 0 }, 'always'],
    [{ Name: 'on-failure', MaximumRetryCount: 3 }, 'on-failure:3'],
    [{ Name: '' }, 'no'],
    [null, 'no'],
  ])('restart policy %j is %s', (RestartPolicy, expected) => {
    expect(record({ HostConfig: { RestartPolicy } }).restartPolicy).toBe(expected)
  })
})

describe('ports', () => {
  const b = (HostIp: string, HostPort: string) => ({ HostIp, HostPort })
  it('keeps what was asked for, in a stable order', () => {
    const ports = { '90/tcp': [b('', '9000-9002')], '80/udp': [b('127.0.0.1', '')], '80/tcp': [b('', '8080')] }
    expect(requestedPorts(ports).map((p) => [p.containerPort, p.protocol, p.hostIp, p.hostPort])).toEqual([
      [80, 'tcp', '', 8080],
      [80, 'udp', '127.0.0.1', ''],
      [90, 'tcp', '', '9000-9002'],
    ])
    expect(requestedPorts({ '80/udp': ports['80/udp'], '80/tcp': ports['80/tcp'], '90/tcp': ports['90/tcp'] })).toEqual(
      requestedPorts(ports),
    )
  })
  it('is in force only with a number; exposed alone is not published', () => {
    expect(portsInForce({ '80/tcp': null, '81/tcp': [b('0.0.0.0', '8081')], '82/tcp': [b('', '')] })).toEqual([
      { containerPort: 81, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8081 },
    ])
  })
})

describe('a proxy', () => {
  const argv =
    '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 10.0.0.2 -container-port 80'
  const proxy = parseProxy(7, [...argv.split(' '), '-use-listen-fd'])
  const container = record({
    NetworkSettings: {
      Networks: { shop: { NetworkID: 'x', IPAddress: '10.0.0.2', IPPrefixLen: 24 } },
      Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
    },
  })
  it('is known by its arguments', () => {
    expect(proxy).toEqual({
      pid: 7,
      protocol: 'tcp',
      hostIp: '0.0.0.0',
      hostPort: 8080,
      containerIp: '10.0.0.2',
      containerPort: 80,
    })
    expect(parseProxy(7, ['docker-proxy', '-version'])).toBeUndefined()
  })
  it('belongs to the port it serves, if it is of this host', () => {
    const proxies = proxy ? [proxy] : []
    expect(withProxies(container, proxies, () => true).ports[0]?.proxyPid).toBe(7)
    expect(withProxies(container, proxies, () => false).ports[0]?.proxyPid).toBeUndefined()
    const other = proxies.map((p) => ({ ...p, containerIp: '10.0.0.3' }))
    expect(withProxies(container, other, () => true).ports[0]?.proxyPid).toBeUndefined()
  })
})

describe('a network', () => {
  const shop = { Id: 'c'.repeat(64), Name: 'shop', Driver: 'bridge', IPAM: null, Options: null, Labels: null }
  const of = (over: object) => networkRecord(networkShape.parse({ ...shop, ...over }))
  it('is a valid record', () => expect(dockerNetworkSchema.parse(of({}))).toEqual(of({})))
  it.each([
    [{}, { bridge: 'br-cccccccccccc' }],
    [{ Options: { 'com.docker.network.bridge.name': 'br0' } }, { bridge: 'br0' }],
    [{ Driver: 'macvlan', Options: { parent: 'eth0.5' } }, { parent: 'eth0.5' }],
    [{ Driver: 'macvlan' }, { parent: 'dm-cccccccccccc' }],
    [{ Driver: 'ipvlan' }, { parent: 'di-cccccccccccc' }],
  ])('%j stands on %j', (over, expected) => expect(of(over)).toMatchObject(expected))
})

describe('an event', () => {
  const known = [record({ Id: db, Name: '/db' }), record({ HostConfig: { Links: ['/db:/web/data'] } })]
  const affectedBy = (event: object) => {
    const affected = nothing()
    addAffected(affected, eventShape.parse(event), () => known)
    return affected
  }
  it('of a command run inside changes nothing', () => {
    expect(isNothing(affectedBy({ Type: 'container', Action: 'exec_start: sh ', Actor: { ID: web } }))).toBe(true)
  })
  it('of a container affects those that name it by --link', () => {
    const affected = affectedBy({ Type: 'container', Action: 'start', Actor: { ID: db } })
    expect([...affected.containers]).toEqual([db, web])
  })
  it('of a connection affects network and container', () => {
    const Actor = { ID: 'net', Attributes: { container: web, type: 'bridge' } }
    const affected = affectedBy({ Type: 'network', Action: 'connect', Actor })
    expect(affected).toMatchObject({ networks: new Set(['net']), containers: new Set([web]), networkList: false })
  })
  it.each(['create', 'destroy'])('of a network (%s) affects the containers that name it', (Action) => {
    const affected = affectedBy({ Type: 'network', Action, Actor: { ID: 'net', Attributes: { name: 'shop' } } })
    expect([...affected.containers]).toEqual([db, web])
    const other = affectedBy({ Type: 'network', Action, Actor: { ID: 'net', Attributes: { name: 'other' } } })
    expect(other.containers.size).toBe(0)
  })
  it('of a swarm network asks for the whole list', () => {
    const affected = affectedBy({ Type: 'network', Action: 'create', scope: 'swarm', Actor: { ID: 'net' } })
    expect(affected).toMatchObject({ networkList: true, engine: true })
  })
})
