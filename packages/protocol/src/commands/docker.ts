import { z } from 'zod'
import { cidr, ip, linkRef, mac } from './fields.ts'

/** As Docker takes names; none can be mistaken for an option. */
const dockerName = z
  .string()
  .max(128)
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
    'must have letters, digits, "_", "." and "-", at least two, and begin with a letter or digit',
  )
/** A container or network that exists: its name, or its id. */
export const dockerRef = dockerName
const hostname = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, 'is not a host name')
const image = z
  .string()
  .max(255)
  .regex(/^[a-z0-9]+([._/:@-]+[a-zA-Z0-9]+)*$/, 'is not the name of an image, such as busybox:latest')
const argument = z
  .string()
  .max(4_000)
  .refine((text) => !text.includes('\0'), 'must not hold NUL')
const port = '(?:[1-9]\\d{0,4})(?:-[1-9]\\d{0,4})?'
const address = '(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-fA-F:]+\\])'
/** Every form that `docker run -p` has: 80, 8080:80, 127.0.0.1:8080:80, 127.0.0.1::80, ranges, /udp. */
export const publish = z
  .string()
  .max(100)
  .regex(
    new RegExp(`^(?:${address}:(?:${port})?:|${port}:)?${port}(?:/(?:tcp|udp|sctp))?$`),
    'is not a port to publish, such as 8080:80, 127.0.0.1:8080:80/udp or 9000-9002:9000-9002',
  )

/** NAME or NAME=TEXT; our own mark is not for others to set. */
const label = z
  .string()
  .max(500)
  .regex(/^(?!hopscope(?:=|$))[a-zA-Z0-9][\w./-]*(?:=[^\p{C}\u2028\u2029]*)?$/u, 'is not NAME=TEXT')

const at = { network: dockerRef, container: dockerRef }
const which = { container: dockerRef }

export const dockerCommands = [
  z.strictObject({
    do: z.literal('network.create'),
    name: dockerName,
    driver: z.enum(['bridge', 'macvlan', 'ipvlan', 'overlay']).default('bridge'),
    subnet: cidr.optional(),
    gateway: ip.optional(),
    ipRange: cidr.optional(),
    /** The link that a macvlan or ipvlan network stands on. */
    parent: linkRef.optional(),
    internal: z.boolean().optional(),
    /** False keeps the containers of a bridge apart. */
    icc: z.boolean().optional(),
    masquerade: z.boolean().optional(),
    mtu: z.number().int().min(68).max(65_535).optional(),
    /** IPv6 beside IPv4: its subnet switches it on. */
    subnet6: cidr.refine((text) => text.includes(':'), 'is not an IPv6 subnet such as fd00:20::/64').optional(),
    gateway6: ip.optional(),
    labels: z.array(label).max(50).optional(),
  }),
  z.strictObject({ do: z.literal('network.delete'), network: dockerRef }),
  z.strictObject({
    do: z.literal('network.connect'),
    ...at,
    address: ip.optional(),
    aliases: z.array(hostname).max(20).optional(),
  }),
  z.strictObject({ do: z.literal('network.disconnect'), ...at }),
  z.strictObject({
    do: z.literal('container.create'),
    name: dockerName,
    image,
    /** bridge, host, none, container:NAME, or a network's name. */
    network: z.union([dockerName, z.string().regex(/^container:[a-zA-Z0-9][a-zA-Z0-9_.-]+$/)]).default('bridge'),
    hostname: hostname.optional(),
    address: ip.optional(),
    mac: mac.optional(),
    publish: z.array(publish).max(100).optional(),
    publishAll: z.boolean().optional(),
    links: z
      .array(z.string().regex(/^[a-zA-Z0-9][\w.-]+(:[a-zA-Z0-9][\w.-]*)?$/))
      .max(20)
      .optional(),
    dns: z.array(ip).max(10).optional(),
    dnsSearch: z.array(hostname).max(10).optional(),
    extraHosts: z
      .array(
        z
          .string()
          .max(200)
          .regex(/^[a-zA-Z0-9][a-zA-Z0-9.-]*:[0-9a-fA-F.:]+$/, 'is not NAME:ADDRESS'),
      )
      .max(50)
      .optional(),
    restart: z.enum(['no', 'always', 'unless-stopped', 'on-failure']).optional(),
    command: z.array(argument).max(100).optional(),
  }),
  z.strictObject({ do: z.literal('container.start'), ...which }),
  z.strictObject({ do: z.literal('container.stop'), ...which }),
  z.strictObject({ do: z.literal('container.restart'), ...which }),
  z.strictObject({ do: z.literal('container.remove'), ...which }),
] as const
