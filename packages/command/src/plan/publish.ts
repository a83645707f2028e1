import type { Container } from '@hopscope/model'
import { Refused } from '../plan.ts'

/** A port as -p asks for it. `hostPort` may be a range to choose from, or empty for any. */
export type Binding = Container['requestedPorts'][number]

/** What a form of "-p" asks for, a port of the container each. Throws Refused when its ranges do not fit. */
export function bindingsOf(text: string, field = 'publish'): Binding[] {
  const [, ip = '', hostRange = '', range = '', protocol = 'tcp'] = FORM.exec(text) ?? []
  const hostIp = ip.replace(/^\[|\]$/g, '')
  const [inside, outside] = [portsOf(range), portsOf(hostRange)]
  const fits = outside?.length === 0 || outside?.length === inside?.length || inside?.length === 1
  if (!inside?.length || !outside || !fits) throw new Refused('PUBLISH_UNFIT', { publish: text }, field)
  return inside.map((containerPort, i) => ({
    containerPort,
    protocol,
    hostIp,
    hostPort: outside.length === inside.length ? (outside[i] ?? '') : hostRange,
  }))
}

const FORM = /^(?:(\d+(?:\.\d+){3}|\[[^\]]+\]):(?=[^:]*:))?(?:([\d-]*):)?([\d-]+)(?:\/(\w+))?$/

/** The ports of a range such as 9000-9002; undefined when it is none. */
function portsOf(range: string): number[] | undefined {
  if (range === '') return []
  const [first = 0, last = first] = range.split('-').map(Number)
  if (first < 1 || last > 65_535 || last < first || last - first >= 1_000) return undefined
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

export const isSameBinding = (a: Binding, b: Binding): boolean =>
  a.containerPort === b.containerPort &&
  a.protocol === b.protocol &&
  String(a.hostPort) === String(b.hostPort) &&
  anyAddress(a.hostIp) === anyAddress(b.hostIp)

const anyAddress = (ip: string): string => (ip === '0.0.0.0' ? '' : ip)

/** The words of "-p" for these ports; neighbours that go side by side are one range. */
export function publishWords(bindings: readonly Binding[]): string[] {
  const runs: Binding[][] = []
  for (const one of bindings) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && follows(last, one)) run.push(one)
    else runs.push([one])
  }
  return runs.flatMap((run) => ['--publish', formOf(run)])
}

/** One port as it was published: 127.0.0.1:8080:80/udp. */
export const publishForm = (one: Binding): string => formOf([one])

function follows(a: Binding, b: Binding): boolean {
  if (a.hostIp !== b.hostIp || a.protocol !== b.protocol || b.containerPort !== a.containerPort + 1) return false
  return typeof a.hostPort === 'number' && b.hostPort === a.hostPort + 1
}

function formOf(run: readonly Binding[]): string {
  const [first, last] = [run[0], run.at(-1)]
  if (!first || !last) throw new Error('a run of ports has one at least')
  const range = (from: number | string, to: number | string) => (from === to ? String(from) : `${from}-${to}`)
  const ip = first.hostIp.includes(':') ? `[${first.hostIp}]` : first.hostIp
  const host = range(first.hostPort, last.hostPort)
  const outside = ip === '' ? (host === '' ? '' : `${host}:`) : `${ip}:${host}:`
  const protocol = first.protocol === 'tcp' ? '' : `/${first.protocol}`
  return `${outside}${range(first.containerPort, last.containerPort)}${protocol}`
}
