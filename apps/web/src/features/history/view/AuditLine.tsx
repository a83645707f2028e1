import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { trpc } from '../../../api/client.ts'
import { useErrorText } from '../../../api/useErrorText.ts'
import { Button, cn } from '../../../ui/index.ts'

/** For administrators: whether what the hub wrote down is what it wrote. Looked up when asked for, as it reads every line. */
export function AuditLine() {
  const t = useTranslations('history')
  const errorText = useErrorText()
  const verified = useQuery(trpc.audit.verify.queryOptions(undefined, { enabled: false, gcTime: 0 }))
  const { data, error, isFetching } = verified
  const wrong = data?.kind === 'broken' || error !== null
  const Icon = wrong ? ShieldAlert : ShieldCheck
  const said = error
    ? errorText(error)
    : data?.kind === 'broken'
      ? t('wrong', { seq: data.seq })
      : data?.kind === 'whole'
        ? t('whole', { lines: data.lines, hash: `${data.hash.slice(0, 12)}…` })
        : t('audit')
  return (
    <footer className="flex shrink-0 items-center gap-2 border-border border-t px-4 py-1.5 text-sm">
      <Icon size={16} aria-hidden className={cn('shrink-0', wrong ? 'text-danger' : data ? 'text-ok' : 'text-faint')} />
      <p role="status" className={cn('min-w-0 flex-1', wrong ? 'text-danger' : 'text-soft')}>
        {said}
      </p>
      <Button small onClick={() => void verified.refetch()} aria-disabled={isFetching}>
        {isFetching ? t('verifying') : t('verify')}
      </Button>
    </footer>
  )
}
