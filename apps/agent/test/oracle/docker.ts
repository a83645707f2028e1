import { z } from 'zod'
import { fact } from './comparable.ts'

const s = z.string()
const binding = z.array(z.object({ HostIp: s, HostPort: s })).nullable()
const containerJson = z.looseObject({
  Id: s,
  Name: s,
  State: z.looseObject({ Status: s, Pid: z.number() }),
  Config: z.looseObject({ Hostname: s, Image: s }),
  HostConfig: z.looseObject({ NetworkMode: s }),
  NetworkSettings: z.looseObject({
    Ports: z.record(s, binding).nullish(),
    Networks: z.record(s, z.looseObject({ NetworkID: s, IPAddress: s, MacAddress: s, Gateway: s })),
  }),
})

/** Containers of `docker inspect`. */
export function containersOf(raw: unknown): string[] {
  return z
    .array(containerJson)
    .parse(raw)
    .map((c) => {
      const running = c.State.Pid > 0
      return fact(c.Id.slice(0, 12), {
        name: c.Name.slice(1),
        state: c.State.Status,
        pid: running ? c.State.Pid : undefined,
        hostname: c.Config.Hostname,
        image: c.Config.Image,
        // Older clients ask for "default", which is the default bridge.
        mode: c.HostConfig.NetworkMode === 'default' ? 'bridge' : c.HostConfig.NetworkMode,
        ports: ports(c.NetworkSettings.Ports ?? {}),
        networks: Object.entries(c.NetworkSettings.Networks)
          .map(([name, e]) => `${name}:${e.IPAddress}:${e.MacAddress.toLowerCase()}:${e.Gateway}`)
          .sort()
          .join(),
      })
    })
}

function ports(published: Record<string, z.infer<typeof binding>>): string {
  return Object.entries(published)
    .flatMap(([port, list]) => (list ?? []).map((b) => `${b.HostIp}|${b.HostPort}|${port}`))
    .sort()
    .join()
}

const networkJson = z.looseObject({
  Id: s,
  Name: s,
  Driver: s,
  Scope: s,
  Internal: z.boolean(),
  IPAM: z.looseObject({ Config: z.array(z.looseObject({ Subnet: s.optional(), Gateway: s.optional() })).nullable() }),
  Options: z.record(s, s).nullable(),
})

/** Networks of `docker network inspect`. */
export function networksOf(raw: unknown): string[] {
  return z
    .array(networkJson)
    .parse(raw)
    .map((n) =>
      fact(n.Id.slice(0, 12), {
        name: n.Name,
        driver: n.Driver,
        scope: n.Scope,
        internal: n.Internal,
        subnets: (n.IPAM.Config ?? []).map((c) => `${c.Subnet ?? ''}~${c.Gateway ?? ''}`).join(),
        options: Object.entries(n.Options ?? {})
          .sort()
          .join(';'),
      }),
    )
}
