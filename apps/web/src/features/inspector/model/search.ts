import type { ChainListing } from './page.ts'

/** The rules that hold every word, in any of their parts, with their chains; everything when nothing is searched. */
export function searchChains(chains: readonly ChainListing[], text: string): ChainListing[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...chains]
  return chains.flatMap((listing) => {
    const { chain } = listing
    const head = `${chain.table} ${chain.chain} ${chain.hook ?? ''}`.toLowerCase()
    const rules = listing.rules.filter((r) => {
      const all = `${head} ${r.target ?? ''} ${r.text} ${r.comment ?? ''}`.toLowerCase()
      return words.every((w) => all.includes(w))
    })
    const named = words.every((w) => head.includes(w))
    return rules.length > 0 || named ? [{ ...listing, rules: named ? listing.rules : rules }] : []
  })
}
