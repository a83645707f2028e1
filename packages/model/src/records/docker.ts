import { z } from 'zod'
import { textsByName } from './common.ts'

export const containerId = (id: string): string => `container:${id}`
export const dockerNetworkId = (id: string): string => `dnet:${id}`

const s = z.string()
const portBinding = z.strictObject({
  containerPort: z.number(),
  protocol: s,
  hostIp: s,
  hostPort: z.number(),
  /** Pid of the docker-proxy that serves it, when there is one. */
  proxyPid: z.number().optional(),
})
const attachment = z.strictObject({
  networkId: s,
  network: s,
  endpointId: s.optional(),
  ip: s.optional(),
  prefixLength: z.number().optional(),
  ip6: s.optional(),
  gateway: s.optional(),
  mac: s.optional(),
  aliases: z.array(s),
  links: z.array(s),
})

/** A container as Docker tells it: names and intent. Same as `docker inspect NAME`. */
export const containerSchema = z.strictObject({
  id: s,
  containerId: s,
  name: s,
  image: s,
  command: s,
  /** created, running, paused, restarting, removing, exited, dead. */
  state: s,
  exitCode: z.number().optional(),
  pid: z.number().optional(),
  /** The namespace it runs in; absent while it does not run. */
  netns: s.optional(),
  /** bridge, host, none, `container:<id>`, or a network's name. */
  networkMode: s,
  hostname: s,
  domainname: s.optional(),
  dns: z.array(s),
  dnsSearch: z.array(s),
  dnsOptions: z.array(s),
  extraHosts: z.array(s),
  links: z.array(s),
  exposed: z.array(s),
  /** What was asked for with -p and -P. */
  requestedPorts: z.array(portBinding.omit({ proxyPid: true }).extend({ hostPort: z.union([z.number(), s]) })),
  publishAll: z.boolean(),
  /** What is in force. */
  ports: z.array(portBinding),
  attachments: z.array(attachment),
  /** Contents of the files that Docker writes for it, read while it runs. */
  etcHosts: s.optional(),
  resolvConf: s.optional(),
  labels: textsByName,
  restartPolicy: s,
  createdAt: s,
  startedAt: s.optional(),
})
export type Container = z.infer<typeof containerSchema>
export type PortBinding = z.infer<typeof portBinding>
export type Attachment = z.infer<typeof attachment>

/** A Docker network with all its options. Same as `docker network inspect NAME`. */
export const dockerNetworkSchema = z.strictObject({
  id: s,
  networkId: s,
  name: s,
  driver: s,
  scope: s,
  internal: z.boolean(),
  attachable: z.boolean(),
  ingress: z.boolean(),
  ipv6: z.boolean(),
  ipam: z.array(z.strictObject({ subnet: s.optional(), gateway: s.optional(), ipRange: s.optional() })),
  ipamDriver: s,
  options: textsByName,
  labels: textsByName,
  /** Name of the bridge link in the host's namespace (bridge driver). */
  bridge: s.optional(),
  /** Parent link (macvlan, ipvlan). */
  parent: s.optional(),
  createdAt: s,
})
export type DockerNetwork = z.infer<typeof dockerNetworkSchema>

/** The engine itself. Same as `docker info` and `docker version`. */
export const dockerEngineSchema = z.strictObject({
  id: z.literal('engine'),
  version: s,
  apiVersion: s,
  rootDir: s,
  swarm: s,
  swarmNodeId: s.optional(),
  /** Bridge of the default network and whether containers on it may talk (`--icc`). */
  defaultBridge: s.optional(),
  icc: z.boolean().optional(),
  userlandProxy: z.boolean().optional(),
  iptables: z.boolean().optional(),
  firewallBackend: s.optional(),
})
export type DockerEngine = z.infer<typeof dockerEngineSchema>
