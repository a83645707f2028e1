import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Capabilities that observing needs, by their bit, and what for. */
const wanted = [
  { name: 'CAP_NET_ADMIN', bit: 12, use: 'rules, connections, ids by which namespaces are heard' },
  { name: 'CAP_NET_BROADCAST', bit: 11, use: 'events of all namespaces' },
  { name: 'CAP_SYS_PTRACE', bit: 19, use: "other processes' namespaces" },
  { name: 'CAP_SYS_ADMIN', bit: 21, use: 'entering network namespaces' },
  { name: 'CAP_DAC_READ_SEARCH', bit: 2, use: "files of Docker's containers" },
] as const

export const capabilitySchema = z.strictObject({ name: z.string(), use: z.string(), has: z.boolean() })
export type Capability = z.infer<typeof capabilitySchema>

/** Which of the capabilities this process has. Same as `grep CapEff /proc/self/status`. */
export function capabilities(): Capability[] {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  return wanted.map(({ name, bit, use }) => ({ name, use, has: ((held >> BigInt(bit)) & 1n) === 1n }))
}
