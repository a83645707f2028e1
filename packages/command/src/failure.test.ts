import { describe, expect, it } from 'vitest'
import { failureOf, isSoAlready, type ReasonCode } from './index.ts'

/** As the programs of Debian 12 print them. */
const SAID: readonly (readonly [string, ReasonCode])[] = [
  ['RTNETLINK answers: File exists', 'EXISTS'],
  ['Error: ipv4: Address already assigned.\nRTNETLINK answers: File exists', 'EXISTS'],
  ['Error: ipv4: Address already assigned.', 'EXISTS'],
  ['Cannot create namespace file "/run/netns/a1": File exists', 'EXISTS'],
  ['Error: ipv4: Address not found.', 'NO_ENTRY'],
  ['iptables: No chain/target/match by that name.', 'NO_ENTRY'],
  ["iptables v1.8.9 (nf_tables): Chain 'NOPE' does not exist", 'NO_ENTRY'],
  ['Error: mtu greater than device maximum.', 'INVALID'],
  ['nsenter: cannot open /proc/99999/ns/net: No such file or directory', 'NO_NAMESPACE'],
  ['exec of "sysctl" failed: No such file or directory', 'PROGRAM_MISSING'],
  ['Cannot find device "br0"', 'NO_DEVICE'],
  ['RTNETLINK answers: No such device', 'NO_DEVICE'],
  ['Device "x" does not exist.', 'NO_DEVICE'],
  ['RTNETLINK answers: No such process', 'NO_ENTRY'],
  ['RTNETLINK answers: No such file or directory', 'NO_ENTRY'],
  ['Cannot open network namespace "blue": No such file or directory', 'NO_NAMESPACE'],
  ['RTNETLINK answers: Operation not permitted', 'NOT_PERMITTED'],
  ['RTNETLINK answers: Device or resource busy', 'BUSY'],
  ['RTNETLINK answers: Network is unreachable', 'UNREACHABLE'],
  ['Error: Nexthop has invalid gateway.', 'UNREACHABLE'],
  ['RTNETLINK answers: Cannot assign requested address', 'NO_SUCH_ADDRESS'],
  ['RTNETLINK answers: Network is down', 'NETWORK_DOWN'],
  ['RTNETLINK answers: Operation not supported', 'NOT_SUPPORTED'],
  ['Error: Unknown device type.', 'NOT_SUPPORTED'],
  ['RTNETLINK answers: Invalid argument', 'INVALID'],
  ['sysctl: setting key "net.ipv4.ip_forward": Read-only file system', 'READ_ONLY'],
  ['nsenter: failed to execute sysctl: No such file or directory', 'PROGRAM_MISSING'],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', 'DOCKER_AWAY'],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied',
    'DOCKER_FORBIDDEN',
  ],
  [
    'docker: Error response from daemon: Conflict. The container name "/web" is already in use by container "ab12". You have to remove (or rename) that container to be able to reuse that name.',
    'CONTAINER_NAME_USED',
  ],
  ['Error response from daemon: network with name net9 already exists', 'NETWORK_NAME_USED'],
  [
    'docker: Error response from daemon: driver failed programming external connectivity on endpoint web (1a): Bind for 0.0.0.0:8080 failed: port is already allocated.',
    'PORT_USED',
  ],
  ['listen tcp4 0.0.0.0:8080: bind: address already in use.', 'PORT_USED'],
  ['Error response from daemon: Address already in use', 'ADDRESS_USED'],
  ['Error response from daemon: No such container: web', 'NO_CONTAINER'],
  ['Error response from daemon: network net9 not found', 'NO_NETWORK'],
  ['docker: Error response from daemon: No such image: nginx:latest', 'NO_IMAGE'],
  ["Unable to find image 'nginx:latest' locally", 'NO_IMAGE'],
  ['Error response from daemon: error while removing network: network net9 id 1a has active endpoints', 'NETWORK_USED'],
  ['Error response from daemon: endpoint with name web already exists in network net9', 'CONNECTED_ALREADY'],
  ['Error response from daemon: container 1a is not connected to network net9', 'NOT_CONNECTED_NOW'],
  ['Error response from daemon: Pool overlaps with other one on this address space', 'SUBNET_USED'],
  [
    'Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'NO_SUBNET_LEFT',
  ],
  ['something that nobody has seen', 'PROGRAM_FAILED'],
]

describe('failures of programs', () => {
  it.each(SAID)('%j is %s, and its own words stay', (stderr, code) => {
    const reason = failureOf('docker', { kind: 'ended', code: 1, stderr: `${stderr}\n` })
    expect(reason.code).toBe(code)
    expect(reason.detail).toBe(stderr.replace('\n', ' '))
  })
  it('without words have the code, the name or the time', () => {
    expect(failureOf('ip', { kind: 'ended', code: 3, stderr: ' ' })).toEqual({
      code: 'PROGRAM_FAILED',
      params: { program: 'ip', code: 3 },
    })
    expect(failureOf('ip', { kind: 'missing' })).toEqual({ code: 'PROGRAM_MISSING', params: { program: 'ip' } })
    expect(failureOf('ip', { kind: 'late', seconds: 20 }).params).toEqual({ program: 'ip', seconds: 20 })
  })
  it('leave out advice about options', () => {
    const stderr =
      "docker: Error response from daemon: No such image: x\n\nRun 'docker run --help' for more information\n"
    expect(failureOf('docker', { kind: 'ended', code: 125, stderr }).detail).toBe(
      'docker: Error response from daemon: No such image: x',
    )
  })
  it('say whether there is nothing left to undo', () => {
    const said = (stderr: string) => isSoAlready(failureOf('ip', { kind: 'ended', code: 2, stderr }))
    expect(said('RTNETLINK answers: File exists')).toBe(true)
    expect(said('Cannot find device "br0"')).toBe(true)
    expect(said('RTNETLINK answers: Operation not permitted')).toBe(false)
    expect(isSoAlready({ code: 'NOTHING_LEADS_THERE', params: {} })).toBe(true)
  })
})
