import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'
import type { Question } from './spot.ts'

/** Has port 84, TCP and UDP, exposed: what -P publishes. */
export const IMAGE = 'busybox-ports'
/** The container's ports behind all forms. */
export const SERVED = [80, 81, 82, 84, 9000, 9001, 9002]

/** All five forms in which a port is published, each with TCP and UDP. */
export function publishedForms(ip: string): { publish: string[]; publishAll: true } {
  const forms = ['8080:80', `${ip}:8081:81`, `${ip}::82`, '9000-9002:9000-9002']
  return { publish: forms.flatMap((form) => [`${form}/tcp`, `${form}/udp`]), publishAll: true }
}

/** One try: from where, at which port of the host, and what must be answered. */
export type Cell = Question & { from: 'outside' | 'host' | 'other' | 'hairpin'; answer: string }

const portsSchema = z.record(
  z.string(),
  z.array(z.strictObject({ HostIp: z.string(), HostPort: z.string() })).nullable(),
)

/** Every published port of a container, to be tried from every place. */
export async function cellsOf(host: SandboxHost, container: string): Promise<Cell[]> {
  const said = await host.docker('inspect', '-f', '{{json .NetworkSettings.Ports}}', container)
  const gateway = await host.docker('inspect', '-f', '{{.NetworkSettings.Gateway}}', container)
  return Object.entries(portsSchema.parse(JSON.parse(said))).flatMap(([name, bindings]) =>
    (bindings ?? []).flatMap(({ HostIp, HostPort }) => {
      if (HostIp.includes(':')) return []
      const protocol = name.endsWith('/udp') ? 'udp' : 'tcp'
      const answer = `${container}:${name}`
      return (['outside', 'host', 'other', 'hairpin'] as const).map((from) => ({
        from,
        port: Number(HostPort),
        protocol,
        answer,
        // docker-proxy answers a datagram from the address that is nearest to whoever asked: from a container it is asked there.
        address: HostIp === '0.0.0.0' && (from === 'other' || from === 'hairpin') ? gateway : host.address,
      }))
    }),
  )
}
