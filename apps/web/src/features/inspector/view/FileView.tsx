import { useTranslations } from 'use-intl'
import { CopyButton } from '../../../ui/index.ts'
import type { UnknownKey } from '../model/page.ts'

type Props = { name: string; content: string | undefined; missing: UnknownKey }

/** A file as it stands on disk, bounded in height. */
export function FileView({ name, content, missing }: Props) {
  const t = useTranslations('inspector')
  return (
    <figure className="overflow-hidden rounded-lg border border-border">
      <figcaption className="flex h-8 items-center border-border border-b pr-0.5 pl-3 font-mono text-sm">
        <span className="min-w-0 flex-1 truncate">{name}</span>
        {content !== undefined && <CopyButton text={content} label={t('copyFile', { name })} />}
      </figcaption>
      {content === undefined ? (
        <p className="px-3 py-2 text-faint italic">{t(`unknown.${missing}`)}</p>
      ) : (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-48 overflow-auto bg-sunken px-3 py-2 font-mono text-sm leading-5"
        >
          {content.trimEnd()}
        </pre>
      )}
    </figure>
  )
}
