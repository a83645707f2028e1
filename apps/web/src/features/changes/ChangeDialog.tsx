import { visible } from '@hopscope/model'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { cn, SelectField, Sheet } from '../../ui/index.ts'
import { asksFor, type Draft } from './model/draft.ts'
import { useChange } from './useChange.ts'
import { useExpectation } from './useExpectation.ts'
import { Buttons } from './view/Buttons.tsx'
import { FieldInput } from './view/FieldInput.tsx'
import { keepInSight } from './view/keepInSight.ts'
import { Outcome } from './view/Outcome.tsx'

type Props = { draft: Draft; hostId: string | undefined; onClose: () => void }

/** So many inputs need not scroll. */
const FEW = 2
/** More give way to the commands, so that nobody presses Run without seeing them, but not all of the room. */
const MANY = 'min-h-[20dvh] shrink-[1000] md:min-h-[40%]'

/** Any command: what it needs to know, what it will do, and what came of it, all in one place. */
export function ChangeDialog({ draft, hostId: given, onClose }: Props) {
  const t = useTranslations('changes')
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const start = shown.find(({ host }) => host.id === selection?.hostId) ?? shown[0]
  const [hostId, setHostId] = useState(given ?? start?.host.id ?? '')
  const form = useChange(draft, hostId)
  const { checked, change, snapshot } = form
  const begun = form.busy !== undefined || change !== undefined
  useExpectation({ command: checked?.kind === 'planned' ? checked.command : undefined, snapshot, begun })
  const host = visible(all.find((one) => one.host.id === hostId)?.host.name ?? hostId)
  const fields = asksFor(draft)
  const choosesHost = given === undefined && all.length > 1
  const asked = fields.length + (choosesHost ? 1 : 0)
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
      <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col [@media(max-height:520px)]:min-h-72">
        {asked > 0 && (
          <div
            ref={keepInSight}
            // Once it is over, none of its inputs takes the focus by which the keyboard would scroll it.
            tabIndex={form.over ? 0 : undefined}
            className={cn('shrink-0 scroll-py-8 overflow-y-auto', asked > FEW && MANY)}
          >
            <fieldset disabled={form.over} className="flex min-w-0 flex-col gap-4 p-5 disabled:opacity-60">
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
          </div>
        )}
        <Outcome form={form} />
        <Buttons form={form} onClose={onClose} />
      </form>
    </Sheet>
  )
}

/** After an attempt that could not be made, the first input that is wrong is where to go on. */
function focusWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
