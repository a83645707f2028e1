import { useTranslations } from 'use-intl'
import { Tooltip } from '../../../ui/index.ts'
import type { Fact, TermKey } from '../model/page.ts'
import { ValueView } from './ValueView.tsx'

/** Label and value, line by line; the label explains itself on hover and focus. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[minmax(96px,34%)_minmax(0,1fr)] gap-x-3">
      {facts.map((fact, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a term may come twice (two subnets), in a stable order
        <div key={`${fact.term} ${i}`} className="group/fact col-span-2 grid grid-cols-subgrid">
          <dt className="py-1 text-soft">
            <Term term={fact.term} />
          </dt>
          <dd className="min-w-0">
            {fact.values.map((value, j) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: values of a fact have no name, and keep their order
              <ValueView key={j} value={value} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Term({ term }: { term: TermKey }) {
  const t = useTranslations('inspector')
  return (
    <Tooltip text={t(`term.${term}.help`)} side="left" wide>
      <button
        type="button"
        className="cursor-help rounded-sm text-left decoration-border-strong decoration-dotted underline-offset-4 hover:text-text hover:underline"
      >
        {t(`term.${term}.label`)}
      </button>
    </Tooltip>
  )
}
