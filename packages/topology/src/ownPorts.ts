import { type FwRule, type HostSnapshot, recordsOf } from '@hopscope/model'

/** The names of Hopscope's own chains begin with it. */
export const OWN_CHAIN = 'HOPSCOPE-'

/** A port, or a run of `count` ports, that Hopscope's own rules publish. `hostIp` is empty for every address of the host. */
export type OwnPort = {
  container: string
  hostIp: string
  protocol: string
  from: number
  to: number
  count: number
}

/** As "docker run -p" has it: `8080:80/tcp`. */
export const publishText = (port: OwnPort): string => textOf(port, ':')

/** The comment that all rules of a published port have: `hopscope:web:8080->80/tcp`. */
export const ownPortText = (port: OwnPort): string => `hopscope:${port.container}:${textOf(port, '->')}`

function textOf({ hostIp, protocol, from, to, count }: OwnPort, between: string): string {
  const run = (first: number) => (count === 1 ? String(first) : `${first}-${first + count - 1}`)
  const ip = hostIp === '' ? '' : hostIp.includes(':') ? `[${hostIp}]:` : `${hostIp}:`
  return `${ip}${run(from)}${between}${run(to)}/${protocol}`
}

/** What such a comment says; undefined for any other. */
export function readOwnPort(comment: string): OwnPort | undefined {
  const found =
    /^hopscope:([a-zA-Z0-9][\w.-]*):(?:\[([0-9a-f:.]+)\]:|([\d.]+):)?(\d+)(?:-(\d+))?->(\d+)(?:-\d+)?\/(\w+)$/.exec(
      comment,
    )
  if (found === null) return undefined
  const [, container = '', ip6, ip4, from = '', last = from, to = '', protocol = ''] = found
  const count = Number(last) - Number(from) + 1
  return { container, hostIp: ip6 ?? ip4 ?? '', protocol, from: Number(from), to: Number(to), count }
}

/** True for a rule of one of Hopscope's own chains. */
export const isOwnRule = ({ chain }: Pick<FwRule, 'chain'>): boolean => chain.startsWith(OWN_CHAIN)

/** The ports that are published by rules and lead to containers now, with the rule that does so. */
export function ownPortsIn(snapshot: HostSnapshot): { port: OwnPort; rule: FwRule }[] {
  const found = new Map<string, { port: OwnPort; rule: FwRule }>()
  for (const rule of recordsOf(snapshot, 'fwRule')) {
    if (rule.chain !== `${OWN_CHAIN}PREROUTING` || rule.netns !== snapshot.host.rootNetns) continue
    const comment = rule.comment ?? ''
    const port = readOwnPort(comment)
    // One for both families.
    if (port && !found.has(comment)) found.set(comment, { port, rule })
  }
  return [...found.values()]
}
