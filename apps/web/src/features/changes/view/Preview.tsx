import { visible } from '@hopscope/model'
import type { Change } from '@hopscope/protocol'
import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CommandLine, CopyButton, cn, Field } from '../../../ui/index.ts'
import { told, toldRefusal } from '../model/words.ts'
import type { Changing } from '../useChange.ts'
import { Lost } from './Lost.tsx'
import { Risks } from './Risks.tsx'

/** What the command will do and cannot undo, with the name to type where one is wanted. */
export function Preview({ form }: { form: Changing }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const { checked, answer } = form
  if (answer?.kind === 'moved') return <Moved shell={answer.shell} />
  if (checked?.kind === 'planned') {
    const { plan, shell } = checked
    return (
      <>
        <Since form={form} />
        <Risks form={form} final={plan.final} />
        <ol className="flex flex-col gap-3">
          {plan.steps.map((step, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have an order and no name
            <li key={i} className="flex min-w-0 flex-col gap-1">
              <span className="[overflow-wrap:anywhere]">{told(step.title, locale)}</span>
              <CommandLine command={shell[i] ?? ''} wrap className="bg-ground" />
            </li>
          ))}
        </ol>
        <Lost lost={plan.lost} final={plan.final} />
        <Confirm form={form} />
      </>
    )
  }
  if (checked?.kind === 'refused' && checked.at === undefined) {
    const nothing = checked.refusal.code === 'NOTHING_TO_DO'
    return (
      <>
        <Since form={form} />
        <p role="status" className={cn('flex gap-2', nothing ? 'text-soft' : 'text-danger')}>
          {!nothing && <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />}
          {toldRefusal(checked.refusal, locale)}
        </p>
      </>
    )
  }
  return (
    <>
      <Since form={form} />
      <p className="text-faint">{t('preview.fill')}</p>
    </>
  )
}

/** That the host is not what it was when this was shown, and who has changed it. */
function Since({ form: { moved } }: { form: Changing }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  return (
    <div role="status" className="empty:hidden">
      {moved && (
        <div className="rounded-md bg-warn-fill px-3 py-2 text-warn-ink">
          {moved.map((change) => (
            <p key={change.id} className="font-medium [overflow-wrap:anywhere]">
              {t(change.state === 'undone' ? 'preview.othersUndid' : 'preview.others', {
                by: visible(whoOf(change)),
                title: told(change.title, locale),
              })}
            </p>
          ))}
          <p>{t('preview.since')}</p>
        </div>
      )}
    </div>
  )
}

/** Who did that; an undo may be another person's. */
const whoOf = ({ by, state, reason }: Change): string => (state === 'undone' ? String(reason?.params.by ?? by) : by)

/** For all of the commands at once, where there are several. */
export function CopyAll({ form: { checked } }: { form: Changing }) {
  const t = useTranslations('changes')
  if (checked?.kind !== 'planned' || checked.shell.length < 2) return null
  return <CopyButton text={checked.shell.join('\n')} label={t('preview.copyAll')} className="-my-1" />
}

function Moved({ shell }: { shell: readonly string[] }) {
  const t = useTranslations('changes')
  return (
    <>
      <p role="alert" className="text-warn">
        {t('preview.moved')}
      </p>
      {shell.map((line) => (
        <CommandLine key={line} command={line} wrap className="bg-ground" />
      ))}
    </>
  )
}

type Confirming = Pick<Changing, 'confirm' | 'forbidden' | 'typed' | 'setTyped' | 'tried'>

/** For the name of what is not ours, where one must be typed. */
export function Confirm({ form }: { form: Confirming }) {
  const t = useTranslations('changes')
  const { confirm: name, forbidden, typed, setTyped, tried } = form
  if (name === undefined) return null
  if (forbidden) return <p className="text-warn">{t('preview.adminOnly', { name })}</p>
  const wrong = tried && typed !== name
  return (
    <Field
      label={t('preview.confirm', { name })}
      value={typed}
      onChange={(e) => setTyped(e.target.value)}
      hint={t('preview.confirmHint', { name })}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      {...(wrong && { error: t('preview.confirmWrong', { name }) })}
    />
  )
}
