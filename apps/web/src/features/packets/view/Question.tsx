import { type HostSnapshot, visible } from '@hopscope/model'
import { type Destination, destinationsOf, sendersOf } from '@hopscope/path'
import { ArrowUpDown } from 'lucide-react'
import { memo, type RefObject, useId, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useShownHosts } from '../../../shell/useShownHosts.ts'
import { Field, IconButton, SelectField } from '../../../ui/index.ts'
import type { OpenPackets } from '../location.ts'
import { hasPort } from '../model/answer.ts'

type Props = {
  packets: OpenPackets
  snapshot: HostSnapshot | undefined
  /** What is wrong, and with which of the inputs. */
  problem: { part: string; text: string } | undefined
  onChange: (next: Partial<OpenPackets>) => void
  destination: RefObject<HTMLInputElement | null>
}

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'arp'] as const

/** From whom, to where, and what: each a name or an address, with what there is to choose from. */
export function Question({ packets, snapshot, problem, onChange, destination }: Props) {
  const t = useTranslations('packets')
  const id = useId()
  const { all } = useShownHosts()
  const senders = useMemo(() => (snapshot ? sendersOf(snapshot) : []), [snapshot])
  const destinations = useMemo(() => (snapshot ? destinationsOf(snapshot) : []), [snapshot])
  const { hostId, from, to, protocol, port } = packets
  // What is not filled in yet is no mistake.
  const errorOf = (part: string, value: string) =>
    problem?.part === part && value.trim() !== '' ? { error: problem.text } : {}
  const isKnown = all.some(({ host }) => host.id === hostId)
  const turned = turnedAround(packets, destinations)
  const typing = { autoComplete: 'off', autoCapitalize: 'off', spellCheck: false } as const
  return (
    <form aria-label={t('question')} onSubmit={(e) => e.preventDefault()} className="flex flex-col gap-3 px-4">
      {(all.length > 1 || !isKnown) && (
        <SelectField
          label={t('host')}
          value={isKnown ? hostId : ''}
          onChange={(host) => onChange({ hostId: host })}
          options={all.map(({ host }) => ({ value: host.id, text: visible(host.name) }))}
          {...(!isKnown && { nothing: t('choose') })}
        />
      )}
      <div className="grid grid-cols-[1fr_auto] items-end gap-2">
        <Field
          label={t('from')}
          value={from}
          list={`${id}-from`}
          onChange={(e) => onChange({ from: e.target.value })}
          {...typing}
          {...errorOf('from', from)}
        />
        <IconButton
          icon={ArrowUpDown}
          label={t('swap')}
          disabled={turned === undefined}
          onClick={() => turned && onChange(turned)}
          className="mt-6 h-9 self-start"
        />
        <Field
          ref={destination}
          label={t('to')}
          value={to}
          list={`${id}-to`}
          onChange={(e) => onChange({ to: e.target.value })}
          placeholder={t('toExample')}
          className="col-span-2"
          {...typing}
          {...errorOf('to', to)}
        />
      </div>
      <div className="grid grid-cols-2 items-start gap-3">
        <SelectField
          label={t('protocol')}
          value={protocol}
          onChange={(next) => {
            const known = PROTOCOLS.find((one) => one === next)
            if (known) onChange({ protocol: known })
          }}
          options={PROTOCOLS.map((one) => ({ value: one, text: t(`protocols.${one}`) }))}
        />
        {hasPort(protocol) && (
          <Field
            label={t('port')}
            value={port}
            inputMode="numeric"
            onChange={(e) => onChange({ port: e.target.value })}
            {...typing}
            {...errorOf('port', port)}
          />
        )}
      </div>
      <Choices id={id} senders={senders} destinations={destinations} />
    </form>
  )
}

type ChoicesProps = { id: string; senders: readonly string[]; destinations: readonly Destination[] }

/** What the inputs offer; there may be thousands, which are not made anew with each letter. */
const Choices = memo(function Choices({ id, senders, destinations }: ChoicesProps) {
  const t = useTranslations('packets')
  return (
    <>
      <datalist id={`${id}-from`}>
        {senders.map((name) => (
          <option key={name} value={name} label={name === 'host' || name === 'outside' ? t(name) : undefined} />
        ))}
      </datalist>
      <datalist id={`${id}-to`}>
        {destinations.map(({ address, name }) => (
          <option key={`${address} ${name}`} value={address} label={name === undefined ? t('host') : visible(name)} />
        ))}
      </datalist>
    </>
  )
})

/** The same question from the other end; undefined where that one cannot be asked. */
function turnedAround(
  { from, to }: OpenPackets,
  all: readonly Destination[],
): { from: string; to: string } | undefined {
  const there = all.find(({ address, name }) => address === to || name === to)
  // Its loopback is everybody's own.
  const here = all.find(({ address, name }) => (name ?? 'host') === from && !address.startsWith('127.'))
  return there && here && { from: there.name ?? 'host', to: here.address }
}
