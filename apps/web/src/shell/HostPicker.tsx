import { visible } from '@hopscope/model'
import { ChevronDown, Server } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { hub } from '../api/client.ts'
import { useErrorText } from '../api/useErrorText.ts'
import type { HostEntry } from '../stream/hostStore.ts'
import { Badge, cn, Menu, MenuCheck, MenuItem, MenuLabel, MenuSeparator, useToast } from '../ui/index.ts'
import { useHostFilter } from './location.ts'
import { useSession } from './session.ts'
import { useShownHosts } from './useShownHosts.ts'

/** Chooses which hosts are shown, on every view at once. */
export function HostPicker() {
  const t = useTranslations('shell')
  const [, setFilter] = useHostFilter()
  const { all, shown, hidden, ids } = useShownHosts()
  const toggle = (id: string, on: boolean) => {
    const next = all.map((h) => h.host.id).filter((h) => (h === id ? on : ids.has(h)))
    void setFilter(next.length === all.length || next.length === 0 ? null : next)
  }
  const only = shown.length === 1 ? visible(shown[0]?.host.name ?? '') : undefined
  const label =
    only ??
    (hidden ? t('hosts.some', { shown: shown.length, count: all.length }) : t('hosts.all', { count: all.length }))
  return (
    <Menu
      align="start"
      className="w-72"
      trigger={
        <button
          type="button"
          disabled={all.length === 0}
          className={cn(
            'flex h-8 min-w-0 items-center gap-2 rounded-md px-2 transition-colors hover:bg-hover disabled:text-faint data-[state=open]:bg-hover',
            hidden > 0 && 'text-warn',
          )}
        >
          <Server size={16} strokeWidth={1.75} aria-hidden className="shrink-0" />
          <span className="sr-only">{t('hosts.label')}</span>
          <span className="max-w-40 truncate font-medium max-sm:max-w-24">{label}</span>
          <ChevronDown size={14} aria-hidden className="shrink-0 text-faint" />
        </button>
      }
    >
      <MenuLabel>{t('hosts.label')}</MenuLabel>
      {all.map(({ host, status }) => (
        <MenuCheck key={host.id} checked={ids.has(host.id)} onChange={(on) => toggle(host.id, on)}>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{visible(host.name)}</span>
            <span className="block truncate text-faint text-sm">{t('hosts.kernel', { kernel: host.kernel })}</span>
          </span>
          {status === 'stale' && <Badge hue="warn">{t('connection.stale')}</Badge>}
          {host.vantage.kind === 'sandbox' && <Badge hue="stack">{t('hosts.sandbox')}</Badge>}
        </MenuCheck>
      ))}
      {hidden > 0 && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => void setFilter(null)}>{t('hosts.showAll')}</MenuItem>
        </>
      )}
      <Forget hosts={all.filter((h) => h.status === 'stale')} />
    </Menu>
  )
}

/** For those who may: takes hosts whose agent will not come back from the list. */
function Forget({ hosts }: { hosts: HostEntry[] }) {
  const t = useTranslations('shell')
  const toast = useToast()
  const errorText = useErrorText()
  const role = useSession()?.user.role
  if (!hosts.length || role === undefined || role === 'viewer') return null
  const forget = ({ host }: HostEntry) =>
    hub.hosts.forget.mutate({ hostId: host.id }).then(
      () => toast(t('hosts.forgotten', { name: visible(host.name) })),
      (e) => toast(errorText(e), { bad: true }),
    )
  return (
    <>
      <MenuSeparator />
      {hosts.map((h) => (
        <MenuItem key={h.host.id} onSelect={() => void forget(h)}>
          {t('hosts.forget', { name: visible(h.host.name) })}
        </MenuItem>
      ))}
    </>
  )
}
