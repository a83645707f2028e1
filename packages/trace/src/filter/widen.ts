import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { type Alternative, type Literal, MOST_ALTERNATIVES, TCP, UDP } from './filter.ts'

type Published = { protocol: number; hostPort: number; containerPort: number; address: string }

/**
 * The filter and, for ports that are published, what it means behind their translation: a container is asked at its own port. Those are other packets
 * as well, so that what was seen has to be held against the filter itself.
 */
export function widen(alternatives: readonly Alternative[], snapshot: HostSnapshot): readonly Alternative[] {
  const published = publishedPorts(snapshot)
  const more = alternatives.flatMap((alternative) => published.flatMap((one) => behind(alternative, one)))
  return [...alternatives, ...more].slice(0, Math.max(alternatives.length, MOST_ALTERNATIVES))
}

function publishedPorts(snapshot: HostSnapshot): Published[] {
  return recordsOf(snapshot, 'container').flatMap(({ ports, attachments }) =>
    ports.flatMap(({ protocol, hostPort, containerPort }) =>
      attachments.flatMap(({ ip }) => {
        if (!ip || (protocol !== 'tcp' && protocol !== 'udp')) return []
        return [{ protocol: protocol === 'tcp' ? TCP : UDP, hostPort, containerPort, address: ip }]
      }),
    ),
  )
}

/** The alternative with the container's port and address instead of the host's; none where it does not mean that port. */
function behind(alternative: Alternative, { protocol, hostPort, containerPort, address }: Published): Alternative[] {
  const named = alternative.find(
    ({ test, not }) => !not && test.kind === 'port' && test.from <= hostPort && hostPort <= test.to,
  )
  const other = alternative.some(({ test, not }) => test.kind === 'protocol' && (test.protocol === protocol) === not)
  if (named?.test.kind !== 'port' || other) return []
  const { side } = named.test
  const kept = alternative.filter((one) => one !== named && !(one.test.kind === 'address' && one.test.side === side))
  const own: Literal[] = [
    { test: { kind: 'port', side, from: containerPort, to: containerPort }, not: false },
    { test: { kind: 'address', side, address, prefixLength: 32 }, not: false },
  ]
  return [[...kept, ...own]]
}
