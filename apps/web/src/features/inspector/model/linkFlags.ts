import type { Link } from '@hopscope/model'
import { say, section } from './build.ts'
import { byHand } from './commands.ts'
import type { Scope } from './context.ts'
import type { FlagKey, Section } from './page.ts'

const KNOWN: readonly FlagKey[] = [
  'UP',
  'LOWER_UP',
  'NO-CARRIER',
  'M-DOWN',
  'BROADCAST',
  'MULTICAST',
  'LOOPBACK',
  'PROMISC',
  'ALLMULTI',
  'NOARP',
  'POINTOPOINT',
  'RUNNING',
  'DORMANT',
  'MASTER',
  'SLAVE',
  'DYNAMIC',
]

/** What stands between the angle brackets of "ip link show", each with what it means. */
export function flagsSection(s: Scope, link: Link): Section {
  const flags = link.flags.map((name) => ({ name, key: KNOWN.find((k) => k === name) ?? ('other' as const) }))
  const blocks = flags.length > 0 ? { kind: 'flags' as const, flags } : { kind: 'say' as const, say: say('noFlags') }
  return section('flags', [blocks], { count: flags.length, commands: byHand(s, 'link', link.id, 'link') })
}
