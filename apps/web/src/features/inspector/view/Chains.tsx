import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSamples } from '../../../stream/hooks.ts'
import type { ChainListing } from '../model/page.ts'
import { searchChains } from '../model/search.ts'
import { ChainView } from './ChainView.tsx'

/** Chains as `iptables -L -n -v --line-numbers` lists them, with live counters and a search through all of them. */
export function Chains({ hostId, chains }: { hostId: string; chains: readonly ChainListing[] }) {
  const t = useTranslations('inspector')
  const [text, setText] = useState('')
  const sampled = useSamples(hostId, 'rules')
  const found = useMemo(() => searchChains(chains, text), [chains, text])
  const many = chains.reduce((n, c) => n + c.rules.length, 0) > 6
  return (
    <div className="flex flex-col gap-3">
      {many && (
        <label className="flex h-8 items-center gap-2 rounded-md border border-border-strong px-2 focus-within:outline-2 focus-within:outline-focus">
          <Search size={14} aria-hidden className="shrink-0 text-faint" />
          <span className="sr-only">{t('searchRules')}</span>
          <input
            type="search"
            value={text}
            onChange={(e) => setText(e.target.value)}
            placeholder={t('searchRules')}
            className="min-w-0 flex-1 bg-transparent outline-none placeholder:text-faint"
          />
        </label>
      )}
      {found.length === 0 && <p className="text-faint">{t('noRuleFound')}</p>}
      {found.map((listing) => (
        <ChainView key={listing.chain.id} listing={listing} sampled={sampled} searching={text.trim() !== ''} />
      ))}
    </div>
  )
}
