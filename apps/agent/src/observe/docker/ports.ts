import type { Container, PortBinding } from '@hopscope/model'
import type { PortMap } from './shapes.ts'

/** What -p asked for: the host port as it was written (`8080`, a range, or '' for any free one). */
export function requestedPorts(ports: PortMap): Container['requestedPorts'] {
  return pairs(ports).map(({ port, ip, hostPort }) => ({
    ...port,
    hostIp: ip,
    hostPort: /^\d+$/.test(hostPort) ? Number(hostPort) : hostPort,
  }))
}

/** What is in force, IPv6 twins included. Same as `docker port NAME`. */
export function portsInForce(ports: PortMap): PortBinding[] {
  return pairs(ports)
    .filter(({ hostPort }) => /^\d+$/.test(hostPort))
    .map(({ port, ip, hostPort }) => ({ ...port, hostIp: ip, hostPort: Number(hostPort) }))
}

/** In the order of port number, protocol and address: Docker's own order is a map's and changes from answer to answer. */
function pairs(ports: PortMap) {
  return Object.entries(ports)
    .flatMap(([name, bindings]) => {
      const port = parsePort(name)
      return (bindings ?? []).flatMap(({ HostIp: ip, HostPort: hostPort }) => (port ? [{ port, ip, hostPort }] : []))
    })
    .sort(
      (a, b) =>
        a.port.containerPort - b.port.containerPort ||
        compare(a.port.protocol, b.port.protocol) ||
        compare(a.ip, b.ip) ||
        compare(a.hostPort, b.hostPort),
    )
}

function parsePort(name: string): { containerPort: number; protocol: string } | undefined {
  const [, number, protocol = 'tcp'] = /^(\d+)(?:\/(\w+))?$/.exec(name) ?? []
  return number === undefined ? undefined : { containerPort: Number(number), protocol }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
