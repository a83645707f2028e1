import { z } from 'zod'

// What the Engine API answers, as far as we read it: Docker 20 to 29. Unknown keys are dropped, and what is a list or a
// map may be null, absent or empty for the same fact. Our own records are strict; these are not.
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const optional = z
  .string()
  .nullish()
  .transform((value) => value || undefined)
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? [])
// Not z.record, which leaves out a label that is named `__proto__`.
const textMap = z
  .unknown()
  .optional()
  .transform((value): Record<string, string> => {
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typeof one === 'string' ? one : '']))
  })
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0)
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)

const mapOf = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((map): Record<string, z.output<T>> => map ?? {})

const binding = z.object({ HostIp: text, HostPort: text })
const portMap = mapOf(z.array(binding).nullish())
export type PortMap = z.output<typeof portMap>

const endpoint = z.object({
  NetworkID: text,
  EndpointID: optional,
  IPAddress: optional,
  IPPrefixLen: number,
  GlobalIPv6Address: optional,
  Gateway: optional,
  IPv6Gateway: optional,
  MacAddress: optional,
  IPAMConfig: z.object({ IPv4Address: optional, IPv6Address: optional }).nullish(),
  Aliases: texts,
  DNSNames: texts,
  Links: texts,
})
export type Endpoint = z.output<typeof endpoint>

export const containerShape = z.object({
  Id: z.string(),
  Name: text,
  Created: text,
  Path: text,
  Args: texts,
  Image: text,
  State: z.object({ Status: z.string(), Pid: number, ExitCode: number, StartedAt: text }),
  ResolvConfPath: text,
  HostsPath: text,
  // Loose, here and below: a setting that we do not know is told by its name.
  HostConfig: z.looseObject({
    NetworkMode: text,
    PortBindings: portMap,
    PublishAllPorts: flag,
    Dns: texts,
    DnsSearch: texts,
    DnsOptions: texts,
    ExtraHosts: texts,
    Links: texts,
    RestartPolicy: z.object({ Name: text, MaximumRetryCount: number }).nullish(),
  }),
  Config: z.looseObject({
    Hostname: text,
    Domainname: optional,
    Image: text,
    ExposedPorts: mapOf(z.unknown()),
    Labels: textMap,
    Env: texts,
    Cmd: texts,
    Entrypoint: texts,
  }),
  Mounts: z
    .array(z.object({ Type: text, Name: text, Source: text, Destination: text, Mode: text, RW: flag }))
    .nullish()
    .transform((value) => value ?? []),
  NetworkSettings: z.object({ SandboxKey: text, Ports: portMap, Networks: mapOf(endpoint) }),
})
export type ContainerAnswer = z.output<typeof containerShape>

/** What a container has from its image. */
export const imageShape = z.object({
  Config: z
    .looseObject({ Labels: textMap, Env: texts, Cmd: texts, Entrypoint: texts, ExposedPorts: mapOf(z.unknown()) })
    .nullish(),
})
export type ImageConfig = NonNullable<z.output<typeof imageShape>['Config']>

export const networkShape = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: text,
  Scope: text,
  Driver: text,
  EnableIPv6: flag,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  Options: textMap,
  Labels: textMap,
  IPAM: z
    .object({
      Driver: text,
      Config: z
        .array(z.object({ Subnet: optional, Gateway: optional, IPRange: optional }))
        .nullish()
        .transform((value) => value ?? []),
    })
    .nullish(),
})
export type NetworkAnswer = z.output<typeof networkShape>

export const listedContainers = z.array(z.object({ Id: z.string() }))
const listedImage = z.object({ Id: z.string(), RepoTags: texts })
export type ListedImage = z.output<typeof listedImage>
export const listedImages = z.array(listedImage)
export const listedNetworks = z.array(networkShape)

export const versionShape = z.object({ Version: z.string(), ApiVersion: z.string(), MinAPIVersion: text })
export const infoShape = z.object({
  DockerRootDir: text,
  SystemTime: text,
  Swarm: z.object({ LocalNodeState: text, NodeID: optional }).nullish(),
  LoggingDriver: text,
  CgroupVersion: text,
  DefaultRuntime: text,
  FirewallBackend: z.object({ Driver: optional }).nullish(),
})
export type Version = z.output<typeof versionShape>
export type Info = z.output<typeof infoShape>

/** One line of the event stream. */
export const eventShape = z.object({
  Type: text,
  Action: text,
  scope: text,
  Actor: z.object({ ID: text, Attributes: textMap }),
})
export type DockerEvent = z.output<typeof eventShape>
