import { type HostSnapshot, normalIp } from '@hopscope/model'
import { readRun } from '@hopscope/protocol'
import { Refused } from '../plan.ts'
import { holderOf } from './containers.ts'
import { bindingsOf } from './publish.ts'

/** What a form of "docker run -p" asks for. `host` is missing where the choice of the port is left open. */
export type WantedPorts = { hostIp: string; protocol: string; host?: [number, number]; inside: [number, number] }

/** Reads 80, 8080:80, 192.168.1.5:8080:80/udp, 192.168.1.5::80, 9000-9002:9000-9002. Throws Refused for what does not fit. */
export function readWanted(text: string): WantedPorts {
  const bindings = bindingsOf(text)
  const [first, last] = [bindings[0], bindings.at(-1)]
  const hostIp = first?.hostIp ? normalIp(first.hostIp) : ''
  if (first === undefined || last === undefined || hostIp === undefined)
    throw new Refused('PUBLISH_UNFIT', { publish: text }, 'publish')
  const { protocol } = first
  // Ports of the host side by side, or, for one port of the container, any of a run.
  const host = readRun(first === last ? String(first.hostPort) : `${first.hostPort}-${last.hostPort}`)
  return { hostIp, protocol, ...(host !== undefined && { host }), inside: [first.containerPort, last.containerPort] }
}

/** Where Docker begins to choose as well. */
const FIRST_CHOICE = 49_153
const LAST = 65_535

/** The first port of the host that it gets: the one that is named, or one that is free. Throws Refused when somebody has it. */
export function hostPortFor(snapshot: HostSnapshot, { hostIp, protocol, host, inside }: WantedPorts): number {
  const count = inside[1] - inside[0] + 1
  const holder = (first: number) => {
    for (let port = first; port < first + count; port++) {
      const by = holderOf(snapshot, { hostIp: hostIp || undefined, port, protocol })
      if (by !== undefined) return { port, by }
    }
    return undefined
  }
  const free = (first: number, last: number): number | undefined => {
    for (let port = first; port + count - 1 <= last; ) {
      const held = holder(port)
      if (held === undefined) return port
      port = held.port + 1
    }
    return undefined
  }
  if (host === undefined) {
    const found = free(FIRST_CHOICE, LAST)
    if (found === undefined) throw new Refused('NO_PORT_FREE', { first: FIRST_CHOICE }, 'publish')
    return found
  }
  const [first, last] = host
  const found = free(first, last)
  if (found !== undefined) return found
  const { port, by } = holder(first) ?? { port: first, by: '' }
  throw new Refused('PORT_TAKEN', { port, protocol, by }, 'publish')
}
