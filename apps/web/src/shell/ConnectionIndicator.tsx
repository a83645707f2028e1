import { Popover } from 'radix-ui'
import { useFormatter, useTranslations } from 'use-intl'
import { type Connection, useConnection } from '../stream/hooks.ts'
import { reconnectNow } from '../stream/socket.ts'
import { Button, cn } from '../ui/index.ts'
import { useLayer } from '../ui/layer.ts'
import { useNow } from './useNow.ts'

const looks: Record<Connection['state'], { dot: string; text: string }> = {
  connecting: { dot: 'bg-border-strong pulse-soft', text: 'text-soft' },
  catchingUp: { dot: 'bg-ok pulse-soft', text: 'text-soft' },
  live: { dot: 'bg-ok', text: 'text-soft' },
  stale: { dot: 'bg-warn', text: 'text-warn' },
  disconnected: { dot: 'bg-danger pulse-soft', text: 'text-danger' },
}

/** Always visible: whether the page equals the kernel now, and since when not. Click for what to do. */
export function ConnectionIndicator() {
  const t = useTranslations('shell')
  const format = useFormatter()
  const layer = useLayer()
  const connection = useConnection()
  const { state, since } = connection
  const late = state === 'stale' || state === 'disconnected'
  const now = useNow(1_000, late)
  const look = looks[state]
  const ago = format.relativeTime(Math.min(since, now), { now, style: 'narrow' })
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          data-connection={state}
          className={cn(
            'flex h-8 shrink-0 items-center gap-2 whitespace-nowrap rounded-md px-2 transition-colors hover:bg-hover',
            look.text,
          )}
        >
          <span className={cn('size-2 rounded-full', look.dot)} />
          <span className="sr-only">{t('connection.label')}</span>
          <span role="status">{t(`connection.${state}`)}</span>
          {late && <span className="tabular min-w-14 text-left text-sm max-sm:hidden">{ago}</span>}
        </button>
      </Popover.Trigger>
      <Popover.Portal container={layer}>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('connection.label')}
          className="rise z-40 flex w-72 flex-col gap-2 rounded-lg border border-border bg-raised p-4 shadow-3"
        >
          <p className="flex items-baseline justify-between gap-2">
            <span className={cn('font-medium', look.text)}>{t(`connection.${state}`)}</span>
            <span className="tabular text-faint text-sm">{ago}</span>
          </p>
          <Explanation connection={connection} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Explanation({ connection }: { connection: Connection }) {
  const t = useTranslations('shell')
  const { state, staleHosts, refused } = connection
  if (refused === 'PROTOCOL_MISMATCH') {
    return (
      <>
        <p className="text-soft">{t('connection.protocol')}</p>
        <Button onClick={() => location.reload()}>{t('connection.reload')}</Button>
      </>
    )
  }
  switch (state) {
    case 'catchingUp':
      return <p className="text-soft">{t('connection.catchingUpHint')}</p>
    case 'live':
      return <p className="text-soft">{t('connection.liveHint')}</p>
    case 'stale':
      return (
        <p className="text-soft">
          {t('connection.staleHint', { count: staleHosts.length, hosts: staleHosts.join(', ') })}
        </p>
      )
    case 'connecting':
    case 'disconnected':
      return (
        <>
          <p className="text-soft">{t('connection.disconnectedHint')}</p>
          <Button onClick={reconnectNow}>{t('connection.retry')}</Button>
        </>
      )
  }
}
