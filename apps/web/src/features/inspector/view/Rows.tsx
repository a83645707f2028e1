import { Fragment, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useInspect } from '../../../shell/location.ts'
import { useSamples } from '../../../stream/hooks.ts'
import type { Hue } from '../../../theme/colours.ts'
import { Badge, Button, cn, KindIcon } from '../../../ui/index.ts'
import type { Row, Say, Tag } from '../model/page.ts'
import { bytesText, type Rates, ratesOf } from '../rates.ts'
import { useSay, useTagText } from '../useSay.ts'

const FIRST = 8

/** A list of objects, one line each; a long one is cut until somebody wants all of it. */
export function Rows({ rows, empty }: { rows: readonly Row[]; empty: Say }) {
  const t = useTranslations('inspector')
  const say = useSay()
  const [all, setAll] = useState(false)
  const sampled = useSamples(rows.find((r) => r.live)?.live?.hostId, 'links')
  if (rows.length === 0) return <p className="text-faint">{say(empty)}</p>
  const shown = all || rows.length <= FIRST + 2 ? rows : rows.slice(0, FIRST)
  return (
    <div className="flex flex-col gap-2">
      <ul className="-mx-2 flex flex-col">
        {shown.map((row) => (
          <li key={row.id}>
            <Line row={row} rate={row.live && ratesOf(sampled, row.live.id)} />
          </li>
        ))}
      </ul>
      {shown.length < rows.length && (
        <Button small look="quiet" className="self-start" onClick={() => setAll(true)}>
          {t('showAll', { count: rows.length })}
        </Button>
      )}
    </div>
  )
}

type Shown = { row: Row; rate: Rates | undefined }

function Line({ row, rate }: Shown) {
  const inspect = useInspect()
  const { to } = row
  const look = 'flex w-full min-w-0 items-start gap-2 rounded-md px-2 py-1.5 text-left'
  if (!to) {
    return (
      <div className={look}>
        <Content row={row} rate={rate} />
      </div>
    )
  }
  return (
    <button type="button" onClick={() => inspect(to)} className={cn(look, 'transition-colors hover:bg-hover')}>
      <Content row={row} rate={rate} />
    </button>
  )
}

function Content({ row, rate }: Shown) {
  const say = useSay()
  const { locale } = useLanguage()
  return (
    <>
      {row.icon && <KindIcon kind={row.icon} className="mt-0.5" />}
      <span className="min-w-0 flex-1">
        <span className="block font-mono text-sm leading-5 [overflow-wrap:anywhere]">{row.title}</span>
        {row.text && row.text.length > 0 && (
          <span className="block text-soft text-sm [overflow-wrap:anywhere]">
            {row.text.map((part, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line keep their order
              <Fragment key={i}>
                {i > 0 && <span className="px-0.5"> · </span>}
                {typeof part === 'string' ? <span className="font-mono">{part}</span> : say(part)}
              </Fragment>
            ))}
          </span>
        )}
        {rate && rate.rxBytes + rate.txBytes >= 1 && (
          <span className="tabular block text-soft text-sm">
            {`↓ ${bytesText(rate.rxBytes, locale, true)}  ↑ ${bytesText(rate.txBytes, locale, true)}`}
          </span>
        )}
      </span>
      {row.tags && row.tags.length > 0 && (
        <span className="flex max-w-[45%] shrink-0 flex-wrap justify-end gap-1">
          {row.tags.map((tag, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the marks of a line have no name, and keep their order
            <Mark key={i} tag={tag} />
          ))}
        </span>
      )}
    </>
  )
}

const HUES = { ok: 'ok', warn: 'warn', danger: 'danger' } as const satisfies Record<string, Hue>

function Mark({ tag }: { tag: Tag }) {
  const text = useTagText()
  const tone = 'tone' in tag && tag.tone ? HUES[tag.tone] : 'stack'
  return <Badge hue={tone}>{text(tag)}</Badge>
}
