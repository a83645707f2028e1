/** What a rule's text names: where it sends a packet, and the comment that its author gave it. */
export type RuleWords = { target?: string; comment?: string }

/** Of an iptables rule: the word after -j or -g, and the text after --comment. */
export function iptablesWords(text: string): RuleWords {
  const target = /(?:^| )-[jg] (\S+)/.exec(withoutQuotes(text))?.[1]
  const quoted = /--comment "((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const comment = quoted?.replace(/\\(.)/g, '$1') ?? /--comment (\S+)/.exec(text)?.[1]
  return { ...(target && { target }), ...(comment && { comment }) }
}

const NFT_VERDICTS =
  /(?:^| )(?:(?:jump|goto) (\S+)|(accept|drop|reject|return|continue|queue|masquerade|redirect|dnat|snat|tproxy|notrack)(?= |$))/g

/** Of an nftables rule: its last verdict or the chain it jumps to, and its comment. */
export function nftWords(text: string): RuleWords {
  const comment = /(?:^| )comment "((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const plain = withoutQuotes(text)
  let target: string | undefined
  for (const match of plain.matchAll(NFT_VERDICTS)) target = match[1] ?? match[2]
  return { ...(target && { target }), ...(comment && { comment }) }
}

/** The rules of each chain, in order, in the words of iptables-save. Keys are `chainKey`. */
export type SavedRules = { chains: Map<string, string[]>; policies: Map<string, string> }
export const chainKey = (table: string, chain: string): string => `${table} ${chain}`

/** Reads the output of iptables-save, ip6tables-save and their legacy and nft twins, without counters. */
export function parseIptablesSave(output: string): SavedRules {
  const chains = new Map<string, string[]>()
  const policies = new Map<string, string>()
  let table = ''
  for (const line of output.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    else if (line.startsWith(':')) {
      const [chain = '', policy = '-'] = line.slice(1).split(' ')
      chains.set(chainKey(table, chain), [])
      policies.set(chainKey(table, chain), policy)
    } else if (line.startsWith('-A ')) {
      const chain = /^-A (\S+)/.exec(line)?.[1] ?? ''
      const rules = chains.get(chainKey(table, chain))
      if (rules) rules.push(line.trim())
      else chains.set(chainKey(table, chain), [line.trim()])
    }
  }
  return { chains, policies }
}

/** The rules of "nft -a -s list ruleset" by `nftRuleKey`. A rule that needs several lines (a set, a map) is joined to one. */
export function parseNftListing(output: string): Map<string, string> {
  const rules = new Map<string, string>()
  let at: { family: string; table: string; chain?: string } | undefined
  /** The lines of a rule that goes on, such as one with a set of many thousand elements. */
  let open: string[] = []
  for (const line of output.split('\n')) {
    const table = /^table (\S+) (\S+) \{/.exec(line)
    const chain = /^\tchain (\S+) \{/.exec(line)
    if (table) at = { family: table[1] ?? '', table: table[2] ?? '' }
    else if (chain && at) at = { ...at, chain: chain[1] ?? '' }
    else if (line === '\t}') at = at && { family: at.family, table: at.table }
    else if (at?.chain !== undefined && line.startsWith('\t\t')) {
      const [, end = '', handle] = /^\s*(.*) # handle (\d+)$/.exec(line) ?? []
      if (handle !== undefined)
        rules.set(nftRuleKey({ ...at, chain: at.chain, handle: Number(handle) }), [...open, end].join(' '))
      // The line with hook and policy has no handle; a rule goes on after an opened brace or a comma.
      if (handle !== undefined || !/[{,]$/.test(line)) open = []
      else open.push(line.trim())
    }
  }
  return rules
}

export const nftRuleKey = (rule: { family: string; table: string; chain: string; handle: number }): string =>
  `${rule.family} ${rule.table} ${rule.chain} ${rule.handle}`

const withoutQuotes = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/g, '""')
