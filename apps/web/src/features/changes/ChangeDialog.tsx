import { visible } from '@hopscope/model'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../api/useErrorText.ts'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { SelectField, Sheet } from '../../ui/index.ts'
import { Problem } from '../auth/Problem.tsx'
import { asksFor, type Draft } from './model/draft.ts'
import { useChange } from './useChange.ts'
import { useExpectation } from './useExpectation.ts'
import { Because } from './view/Because.tsx'
import { Buttons } from './view/Buttons.tsx'
import { FieldInput } from './view/FieldInput.tsx'
import { Outcome } from './view/Outcome.tsx'

type Props = { draft: Draft; hostId: string | undefined; onClose: () => void }

/** Any command: what it needs to know, what it will do, and what came of it, all in one place. */
export function ChangeDialog({ draft, hostId: given, onClose }: Props) {
  const t = useTranslations('changes')
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const start = shown.find(({ host }) => host.id === selection?.hostId) ?? shown[0]
  const [hostId, setHostId] = useState(given ?? start?.host.id ?? '')
  const form = useChange(draft, hostId)
  const { checked, change, snapshot } = form
  useExpectation(change === undefined && checked?.kind === 'planned' ? checked.command : undefined, snapshot)
  const errorText = useErrorText()
  const host = visible(all.find((one) => one.host.id === hostId)?.host.name ?? hostId)
  const fields = asksFor(draft)
  const choosesHost = given === undefined && all.length > 1
  const where = draft.object === undefined ? t('onHost', { host }) : t('where', { object: visible(draft.object), host })
  const submit = (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault()
    // React events of a form reach those around it also through portals.
    e.stopPropagation()
    form.run()
    focusWrong(e.currentTarget)
  }
  return (
    <Sheet onOpenChange={(open) => open || onClose()} title={t(`action.${draft.label}`)} description={where}>
      <form noValidate onSubmit={submit} className="flex flex-1 flex-col">
        <div className="flex min-w-0 flex-1 flex-col gap-5 p-5">
          {(fields.length > 0 || choosesHost) && (
            <fieldset disabled={form.over} className="flex min-w-0 flex-col gap-4 disabled:opacity-60">
              {choosesHost && (
                <SelectField
                  label={t('host')}
                  value={hostId}
                  onChange={(id) => {
                    setHostId(id)
                    form.changeHost()
                  }}
                  options={all.map((one) => ({ value: one.host.id, text: visible(one.host.name) }))}
                />
              )}
              {fields.map((field) => (
                <FieldInput key={field.path} field={field} form={form} />
              ))}
            </fieldset>
          )}
          <div className="flex min-w-0 flex-1 flex-col gap-3">
            <Outcome form={form} />
            <Because reason={form.answer?.kind === 'denied' ? form.answer.reason : undefined} />
            <Problem text={form.problem ? errorText(form.problem) : undefined} />
          </div>
        </div>
        <Buttons form={form} onClose={onClose} />
      </form>
    </Sheet>
  )
}

/** After an attempt that could not be made, the first input that is wrong is where to go on. */
function focusWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
