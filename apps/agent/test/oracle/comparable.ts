/** Facts as lines of text, by kind of record: what is compared, and what a failing run prints. */
export type Comparable = Record<
  | 'netns'
  | 'link'
  | 'address'
  | 'route'
  | 'policyRule'
  | 'neighbour'
  | 'fdb'
  | 'sysctl'
  | 'fwChain'
  | 'fwRule'
  | 'fwSet'
  | 'conntrack'
  | 'socket'
  | 'container'
  | 'dockerNetwork',
  string[]
>

export const comparable = (): Comparable => ({
  netns: [],
  link: [],
  address: [],
  route: [],
  policyRule: [],
  neighbour: [],
  fdb: [],
  sysctl: [],
  fwChain: [],
  fwRule: [],
  fwSet: [],
  conntrack: [],
  socket: [],
  container: [],
  dockerNetwork: [],
})

/** One fact: `where` and then the fields that have a value, sorted. */
export function fact(where: string, fields: Record<string, unknown>): string {
  const known = Object.entries(fields).filter(([, v]) => v !== undefined && v !== null && v !== '')
  known.sort(([a], [b]) => (a < b ? -1 : 1))
  return `${where} ${known.map(([k, v]) => `${k}=${typeof v === 'object' ? JSON.stringify(v) : v}`).join(' ')}`
}

/** Lines that only one side has. Both sides are sorted lists; repeated lines count. */
export function differences(truth: Comparable, seen: Comparable): string[] {
  return (Object.keys(truth) as (keyof Comparable)[]).flatMap((kind) => {
    const missing = without(truth[kind], seen[kind]).map((line) => `missing ${kind}: ${line}`)
    const ghosts = without(seen[kind], truth[kind]).map((line) => `ghost   ${kind}: ${line}`)
    return [...missing, ...ghosts]
  })
}

function without(list: string[], other: string[]): string[] {
  const left = new Map<string, number>()
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1)
  return list.filter((line) => {
    const n = left.get(line) ?? 0
    left.set(line, n - 1)
    return n <= 0
  })
}

/** `8000.a2:0:1:…` (ip), `8000.a200…` (brctl) → one form. */
export function bridgeIdentity(text: string): string {
  const [priority = '', mac = ''] = text.split('.')
  const octets = mac.includes(':') ? mac.split(':').map((o) => o.padStart(2, '0')) : (mac.match(/../g) ?? [])
  return `${priority.toLowerCase()}.${octets.join('').toLowerCase()}`
}
