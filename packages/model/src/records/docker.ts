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
  /** Addresses that were asked for; the others Docker chose. */
  fixedIp: s.optional(),
  fixedIp6: s.optional(),
  aliases: z.array(s),
  links: z.array(s),
})
/**
 * What a container was made with, beside name, host name, networks, names, ports and restart policy: enough to make it again.
 * The values of its environment are nobody's to read here.
 */
const made = z.strictObject({
  imageId: s,
  /** What differs from its image and from what Docker takes by itself, as words of "docker create". */
  options: z.array(s),
  /** The words behind the image; none when the image's own are run. */
  args: z.array(s),
  /** It has variables that its image does not have so. */
  environment: z.boolean(),
  /** Labels that it has from its image. */
  imageLabels: z.array(s),
  /** What gives it power over the host: privileged, host mounts, devices, added capabilities. */
  powers: z.array(s),
  /** Settings that no word above stands for, by the option that makes them or by Docker's name. */
  others: z.array(s),
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
  made: made.optional(),
  createdAt: s,
  startedAt: s.optional(),
})
export type Container = z.infer<typeof containerSchema>
export type Made = z.infer<typeof made>
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
  /** Local images by each of their names. */
  images: z.array(z.strictObject({ name: s, imageId: s })).optional(),
})
export type DockerEngine = z.infer<typeof dockerEngineSchema>
