import type { Dice } from './dice.ts'

/** What iptables and ip6tables may be asked about packets, in their own words. */
export type Matchable = {
  sources: readonly string[]
  destinations: readonly string[]
  /** An empty one stands for any. */
  protocols: readonly string[]
  ports: readonly (readonly string[])[]
  icmp: { protocol: string; option: string; types: readonly string[]; chance: number }
  states: readonly string[]
}

/** Words of a rule in that chain, each with its own chance; `own` adds those of one family. */
export function randomMatches(random: Dice, chain: string, { sources, destinations, ...asked }: Matchable): string[] {
  const { protocols, ports, icmp, states } = asked
  const words: string[] = []
  const not = (): string[] => randomNot(random)
  if (random.chance(0.25)) words.push(...not(), '-s', random.pick(sources))
  if (random.chance(0.25)) words.push(...not(), '-d', random.pick(destinations))
  if (random.chance(0.2) && !/OUTPUT|POST/.test(chain))
    words.push(...not(), '-i', random.pick(['br1', 'br+', 'eth0', 'to-w1', 'ens33']))
  if (random.chance(0.2) && /FORWARD|OUTPUT|POST/.test(chain))
    words.push(...not(), '-o', random.pick(['br1', 'br2', 'eth0', 'ens33']))
  const protocol = random.pick(protocols)
  if (protocol !== '') words.push('-p', protocol)
  if ((protocol === 'tcp' || protocol === 'udp') && random.chance(0.6)) words.push(...random.pick(ports))
  if (protocol === icmp.protocol && random.chance(icmp.chance)) words.push(icmp.option, random.pick(icmp.types))
  if (random.chance(0.25)) words.push('-m', 'conntrack', ...not(), '--ctstate', random.pick(states))
  if (random.chance(0.1)) words.push('-m', 'addrtype', ...not(), '--dst-type', 'LOCAL')
  return words
}

/** Now and then the contrary. */
export const randomNot = (random: Dice): string[] => (random.chance(0.2) ? ['!'] : [])
