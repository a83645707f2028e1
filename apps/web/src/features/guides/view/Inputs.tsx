import { withoutNetwork } from '@hopscope/command'
import { type HostSnapshot, recordsOf, visible } from '@hopscope/model'
import { ChevronRight } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { CheckField, cn, Field, SelectField } from '../../../ui/index.ts'
import type { OpenGuide } from '../location.ts'
import { GUIDE_FIELDS, type GuideField, type Values, type Wrong } from '../model/fields.ts'

type Props = {
  guide: OpenGuide
  snapshot: HostSnapshot
  hosts: readonly { id: string; name: string }[]
  /** What is wrong with an input, in words. */
  problemOf: (path: string) => string | undefined
  onHost: (id: string) => void
  onChange: (path: string, value: string) => void
}

/** What a guide needs to know. All of it is proposed, so most of it can be left as it is. */
export function Inputs({ guide, snapshot, hosts, problemOf, onHost, onChange }: Props) {
  const t = useTranslations('guides')
  const { name, hostId, values } = guide
  const fields = (part: GuideField['part']) =>
    GUIDE_FIELDS[name]
      .filter((field) => field.part === part)
      .map((field) => (
        <Input
          key={field.path}
          field={field}
          values={values}
          snapshot={snapshot}
          problem={problemOf(field.path)}
          onChange={(value) => onChange(field.path, value)}
        />
      ))
  const isFineWrong = GUIDE_FIELDS[name].some(({ part, path }) => part === 'fine' && problemOf(path) !== undefined)
  return (
    <div className="flex flex-col gap-4">
      {hosts.length > 1 && (
        <SelectField
          label={t('host')}
          value={hostId}
          onChange={onHost}
          options={hosts.map((one) => ({ value: one.id, text: visible(one.name) }))}
        />
      )}
      {fields('main')}
      {name === 'router' &&
        (['left', 'right'] as const).map((side) => (
          <fieldset key={side} className="flex min-w-0 flex-col gap-4 rounded-lg border border-border p-3">
            <legend className="px-1 font-medium text-soft">{t(`side.${side}`)}</legend>
            {fields(side)}
          </fieldset>
        ))}
      <Unfolding title={t('fine')} open={isFineWrong}>
        {name === 'router' && <p className="text-faint text-sm">{t('fineOrder')}</p>}
        {fields('fine')}
      </Unfolding>
    </div>
  )
}

type UnfoldingProps = { title: string; open: boolean; initially?: boolean; children: ReactNode }

/** A part that is folded until somebody wants it, or must look at it. */
export function Unfolding({ title, open: must, initially = false, children }: UnfoldingProps) {
  const [wanted, setWanted] = useState(initially)
  const id = useId()
  const open = wanted || must
  return (
    <div className="flex flex-col gap-3">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setWanted(!open)}
        className="-mx-1 flex items-center gap-1 self-start rounded-md px-1 font-medium text-soft hover:bg-hover hover:text-text"
      >
        <ChevronRight size={16} aria-hidden className={cn('text-faint', open && 'rotate-90')} />
        {title}
      </button>
      <div id={id} hidden={!open} className="flex flex-col gap-4 [&[hidden]]:hidden">
        {children}
      </div>
    </div>
  )
}

type InputProps = {
  field: GuideField
  values: Values
  snapshot: HostSnapshot
  problem: string | undefined
  onChange: (value: string) => void
}

function Input({ field, values, snapshot, problem, onChange }: InputProps) {
  const t = useTranslations('guides')
  const label = t(`field.${field.label}`)
  const value = values[field.path] ?? ''
  const error = problem === undefined ? {} : { error: problem }
  switch (field.kind) {
    case 'switch':
      return (
        <div className="flex flex-col gap-1">
          <CheckField label={label} checked={value === 'on'} onChange={(on) => onChange(on ? 'on' : '')} />
          {problem && <p className="text-danger text-sm">{problem}</p>}
        </div>
      )
    case 'container': {
      const names = withoutNetwork(snapshot).map((one) => one.name)
      const known = names.includes(value)
      return (
        <SelectField
          label={label}
          value={known ? value : ''}
          onChange={onChange}
          options={names.toSorted().map((one) => ({ value: one, text: one }))}
          hint={names.length === 0 ? t('noneAlone') : t('onlyAlone')}
          {...(!known && { nothing: t('choose') })}
          {...error}
        />
      )
    }
    default: {
      const hint =
        field.kind === 'bridge' ? bridgeHint(t, snapshot) : field.kind === 'words' ? t('hostsHint') : undefined
      return (
        <Field
          label={label}
          value={value}
          onChange={(e) => onChange(e.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          {...(hint !== undefined && { hint })}
          {...error}
        />
      )
    }
  }
}

function bridgeHint(t: ReturnType<typeof useTranslations<'guides'>>, snapshot: HostSnapshot): string {
  const there = recordsOf(snapshot, 'link')
    .filter(({ netns, info }) => netns === snapshot.host.rootNetns && info.kind === 'bridge')
    .map(({ name }) => visible(name))
    .sort()
  return there.length === 0 ? t('noBridge') : t('bridges', { names: there.slice(0, 6).join(', ') })
}

/** What is wrong with one input, once the form as a whole is known to be. */
export const wrongText = (
  t: ReturnType<typeof useTranslations<'changes'>>,
  wrong: Wrong | undefined,
): string | undefined => (wrong === undefined ? undefined : wrong === 'required' ? t('required') : t(`wrong.${wrong}`))
