import { fact } from './comparable.ts'
import type { Place } from './ipRoute.ts'

/** Chains of `nft -a -s list ruleset`. */
export function chainsOf({ inode }: Place, ruleset: string): string[] {
  const out: string[] = []
  for (const c of walk(ruleset)) {
    if (c.kind !== 'chain') continue
    const hook = /type (\S+) hook (\S+) (?:device "?(\S+?)"? )?priority ([^;]+); policy (\w+);/.exec(c.header ?? '')
    out.push(
      fact(`${inode} ${c.family} ${c.table} ${c.chain}`, {
        type: hook?.[1],
        hook: hook?.[2],
        policy: hook?.[5],
      }),
    )
  }
  return out
}

/** Chains of `iptables-legacy-save`, with their policies. */
export function legacyChainsOf({ inode }: Place, family: string, saved: string): string[] {
  let table = ''
  return saved.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1)
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (!chain) return []
    const base = policy !== '-' && { hook: chain.toLowerCase(), policy: policy?.toLowerCase() }
    return [fact(`${inode} legacy ${family} ${table} ${chain}`, base || {})]
  })
}

/** Rules of tables that iptables-nft does not manage, with handle and text. */
export function nftRulesOf({ inode }: Place, ruleset: string): string[] {
  const out: string[] = []
  for (const r of walk(ruleset)) {
    if (r.kind !== 'rule' || isIptables(r.family, r.table)) continue
    out.push(fact(`${inode} nft ${r.family} ${r.table} ${r.chain}`, { handle: r.handle, text: r.text }))
  }
  return out
}

/** Sets of `nft -j list sets`, with elements of a single word. */
export function nftSetsOf({ inode }: Place, listed: { nftables: { set?: ListedSet }[] }): string[] {
  return listed.nftables.flatMap(({ set }) =>
    set ? [fact(`${inode} ${set.family} ${set.table} ${set.name}`, { elements: set.elem?.toSorted().join() })] : [],
  )
}
type ListedSet = { family: string; table: string; name: string; elem?: string[] }

const IPTABLES_TABLES = ['raw', 'mangle', 'nat', 'filter', 'security']
const isIptables = (family: string, table: string) => /^ip6?$/.test(family) && IPTABLES_TABLES.includes(table)

/** Rules of `iptables-save`, in order within their chain. */
export function iptablesRulesOf({ inode }: Place, engine: string, family: string, saved: string): string[] {
  let table = ''
  const seen = new Map<string, number>()
  const out: string[] = []
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const chain = /^-A (\S+)/.exec(line)?.[1]
    if (!chain) continue
    const key = `${table} ${chain}`
    const position = (seen.get(key) ?? 0) + 1
    seen.set(key, position)
    out.push(fact(`${inode} ${engine} ${family} ${table} ${chain}`, { position, text: line.trim() }))
  }
  return out
}

/** Entries of `conntrack -L -o id` by id, with both tuples. */
export function conntrackOf({ inode }: Place, listing: string): string[] {
  return listing.split('\n').flatMap((line) => {
    // An ICMP tuple has an id of its own; the entry's is the last.
    const id = /.*\bid=(\d+)/.exec(line)?.[1]
    const ends = [...line.matchAll(/src=(\S+) dst=(\S+)(?: sport=(\d+) dport=(\d+))?/g)]
    if (!id) return []
    const tuple = (m: RegExpMatchArray | undefined) => `${m?.[1]}:${m?.[3] ?? ''}>${m?.[2]}:${m?.[4] ?? ''}`
    return [fact(`${inode} ${id}`, { protocol: protocolOf(line), orig: tuple(ends[0]), reply: tuple(ends[1]) })]
  })
}

/** conntrack prints "unknown 2" for a protocol that it has no name for; /etc/protocols has. */
function protocolOf(line: string): string | undefined {
  const [name, number] = line.split(/\s+/)
  if (name !== 'unknown') return name
  return number === '2' ? 'igmp' : number
}

type Line =
  | { kind: 'chain'; family: string; table: string; chain: string; header?: string }
  | { kind: 'rule'; family: string; table: string; chain: string; handle: number; text: string }

function walk(ruleset: string): Line[] {
  const out: Line[] = []
  let family = ''
  let table = ''
  let chain = ''
  for (const line of ruleset.split('\n')) {
    const t = /^table (\S+) (\S+) \{/.exec(line)
    const c = /^\tchain (\S+) \{/.exec(line)
    const r = /^\t\t(.*) # handle (\d+)$/.exec(line)
    const header = /^\t\t(type .*)$/.exec(line)
    if (t) [, family = '', table = ''] = t
    else if (c) {
      chain = c[1] ?? ''
      out.push({ kind: 'chain', family, table, chain })
    } else if (line === '\t}') chain = ''
    else if (chain && r) out.push({ kind: 'rule', family, table, chain, handle: Number(r[2]), text: r[1] ?? '' })
    else if (chain && header) {
      const last = out.at(-1)
      if (last?.kind === 'chain') last.header = header[1]
    }
  }
  return out
}
