import { normalIp } from '@hopscope/model'
import { z } from 'zod'
import { cidr, ip, linkRef, netnsRef } from './fields.ts'

const MOST_PORT = 65_535
const portNumber = z.number().int().min(1).max(MOST_PORT)

/** A port or a run of them: 80, 8000-8010. */
const ports = z
  .string()
  .max(11)
  .refine((text) => readRun(text) !== undefined, 'is not a port or a run of ports, such as 80 or 8000-8010')

/** Where a packet is led to, or comes from, after NAT: 10.0.0.5, 10.0.0.5:80, 10.0.0.5:8000-8010, [2001:db8::5]:80. */
const natTarget = z
  .string()
  .max(60)
  .refine(
    (text) => readNatTarget(text) !== undefined,
    'is not an address, or an address with a port, such as 10.0.0.5:80',
  )

/** The parts of a NAT target, its address as the kernel's tools print it; undefined for what is none. */
export function readNatTarget(text: string): { address: string; ports?: string } | undefined {
  const alone = normalIp(text)
  if (alone !== undefined) return { address: alone }
  const found = /^(?:\[([^\]]+)\]|([\d.]+)):([\d-]+)$/.exec(text)
  const address = normalIp(found?.[1] ?? found?.[2] ?? '')
  const ports = found?.[3] ?? ''
  return address === undefined || readRun(ports) === undefined ? undefined : { address, ports }
}

/** The first and the last port of a run; undefined for what is none. */
export function readRun(text: string): [number, number] | undefined {
  const found = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(text)
  if (found === null) return undefined
  const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])]
  return first <= last && last <= MOST_PORT ? [first, last] : undefined
}

/** As the observer makes it. */
const ruleRef = z
  .string()
  .max(300)
  .regex(/^fwrule:[\x21-\x7e]+$/, 'is not the id of a rule')

export const firewallCommands = [
  z.strictObject({
    do: z.literal('rule.add'),
    netns: netnsRef,
    chain: z.enum(['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING']),
    action: z.enum(['accept', 'drop', 'reject', 'snat', 'masquerade', 'dnat']),
    family: z.enum(['inet', 'inet6']).default('inet'),
    in: linkRef.optional(),
    out: linkRef.optional(),
    src: cidr.optional(),
    dst: cidr.optional(),
    protocol: z.enum(['tcp', 'udp', 'icmp']).optional(),
    sport: ports.optional(),
    dport: ports.optional(),
    state: z
      .array(z.enum(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'DNAT', 'SNAT']))
      .min(1)
      .max(6)
      .optional(),
    /** For snat and dnat: the address, and the ports if they change too. */
    toAddress: natTarget.optional(),
    /** Its place among Hopscope's own rules of the chain, from 1; the end when left out. */
    position: z.number().int().min(1).max(10_000).optional(),
  }),
  z.strictObject({
    do: z.literal('rule.delete'),
    rule: ruleRef,
    /** What it said when it was chosen: in the legacy back end another rule may have its place by now. */
    text: z.string().max(1_000).optional(),
  }),
  z.strictObject({
    do: z.literal('conntrack.delete'),
    netns: netnsRef,
    protocol: z
      .string()
      .max(20)
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'is not a protocol'),
    src: ip,
    dst: ip,
    sport: portNumber.optional(),
    dport: portNumber.optional(),
    icmpId: z.number().int().min(0).max(MOST_PORT).optional(),
  }),
] as const
