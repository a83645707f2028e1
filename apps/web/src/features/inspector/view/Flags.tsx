import { useTranslations } from 'use-intl'
import { Badge } from '../../../ui/index.ts'
import type { FlagKey } from '../model/page.ts'

/** Every flag with one sentence on what it means. */
export function Flags({ flags }: { flags: readonly { name: string; key: FlagKey }[] }) {
  const t = useTranslations('inspector')
  return (
    <dl className="flex flex-col gap-2">
      {flags.map(({ name, key }) => (
        <div key={name} className="flex flex-col items-start gap-0.5">
          <dt>
            <Badge className="font-mono">{name}</Badge>
          </dt>
          <dd className="text-soft text-sm">{t(`flag.${key}`, { name })}</dd>
        </div>
      ))}
    </dl>
  )
}
