import { useInfiniteQuery } from '@tanstack/react-query'
import { Inbox } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { hub, trpc } from '../../api/client.ts'
import { useErrorText } from '../../api/useErrorText.ts'
import { Button, EmptyState, Skeleton } from '../../ui/index.ts'
import { requestsOf } from './model/requests.ts'
import { AuditLine } from './view/AuditLine.tsx'
import { RequestItem } from './view/RequestItem.tsx'

const AT_ONCE = 100

/** For administrators: every request to change something as the hub wrote it down, also those of which nothing came. */
export function Requests() {
  const t = useTranslations('history')
  const errorText = useErrorText()
  const audit = useInfiniteQuery({
    queryKey: trpc.audit.list.queryKey(),
    queryFn: ({ pageParam: before }) => hub.audit.list.query({ limit: AT_ONCE, ...(before && { before }) }),
    initialPageParam: 0,
    getNextPageParam: (lines) => (lines.length < AT_ONCE ? undefined : lines.at(-1)?.seq),
    staleTime: 0,
  })
  const requests = useMemo(() => requestsOf(audit.data?.pages.flat() ?? []), [audit.data])
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex min-h-full w-full max-w-280 flex-col gap-3 px-3 pb-6 sm:px-5">
          {audit.error && <p className="pt-3 text-danger">{errorText(audit.error)}</p>}
          {audit.isPending && <Skeleton className="mt-5 h-16" />}
          {requests.length > 0 && (
            <ul aria-label={t('requests')} className="flex flex-col">
              {requests.map((request) => (
                <RequestItem key={request.asked.seq} request={request} />
              ))}
            </ul>
          )}
          {audit.data && requests.length === 0 && (
            <EmptyState icon={Inbox} title={t('noRequests')}>
              <p className="text-soft">{t('noRequestsText')}</p>
            </EmptyState>
          )}
          {audit.hasNextPage && (
            <Button
              className="self-center"
              onClick={() => void audit.fetchNextPage()}
              aria-disabled={audit.isFetchingNextPage}
            >
              {t('older')}
            </Button>
          )}
        </div>
      </div>
      <AuditLine />
    </div>
  )
}
