import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CheckField, SelectField, Field as TextField } from '../../../ui/index.ts'
import type { Choice } from '../model/choices.ts'
import { containerChoices, imageChoices, linkChoices, netnsChoices, networkChoices } from '../model/choices.ts'
import type { Field } from '../model/fields.ts'
import { toldRefusal } from '../model/words.ts'
import type { Changing } from '../useChange.ts'

/** One input of a command's form, with what is wrong about it. */
export function FieldInput({ field, form }: { field: Field; form: Changing }) {
  const t = useTranslations('changes')
  const error = useError(field, form)
  const value = form.values[field.path] ?? ''
  const set = (next: string) => form.set(field.path, next)
  const name = t(`field.${field.label}`)
  const label = field.optional ? `${name} (${t('optional')})` : name
  const wrong = error !== undefined && { error }
  switch (field.kind) {
    case 'text':
    case 'list':
    case 'number':
      return (
        <TextField
          label={label}
          value={value}
          onChange={(e) => set(e.target.value)}
          hint={t('example', { example: field.example })}
          inputMode={field.kind === 'number' ? 'numeric' : 'text'}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          {...wrong}
        />
      )
    case 'switch':
      return <CheckField label={name} checked={value === 'on'} onChange={(on) => set(on ? 'on' : '')} />
    default: {
      const nothing = field.optional ? t('none') : t('choose')
      const options = optionsOf(field, form)
      // What has a value from the start needs no empty line.
      const empty = field.optional || value === '' || !options.some((o) => o.value === value)
      return (
        <SelectField
          label={label}
          value={options.some((o) => o.value === value) ? value : ''}
          onChange={set}
          options={options}
          {...(empty && { nothing })}
          {...wrong}
        />
      )
    }
  }
}

function optionsOf(field: Field, { snapshot, values }: Changing): readonly Choice[] {
  if (snapshot === undefined) return []
  switch (field.kind) {
    case 'netns':
      return netnsChoices(snapshot)
    case 'link':
      return linkChoices(snapshot, field, values)
    case 'container':
      return containerChoices(snapshot)
    case 'image':
      return imageChoices(snapshot)
    case 'network':
      return networkChoices(snapshot, field.modes === true)
    case 'word':
      return field.words.map((word) => ({ value: word, text: word }))
    default:
      return []
  }
}

/** What is missing is said once somebody tried to go on; everything else while one types. */
function useError(field: Field, { checked, tried, over }: Changing): string | undefined {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  if (checked === undefined || over) return undefined
  if (checked.kind === 'refused') return checked.at === field.path ? toldRefusal(checked.refusal, locale) : undefined
  if (checked.kind !== 'incomplete') return undefined
  const wrong = checked.wrong[field.path]
  if (wrong === undefined) return undefined
  return wrong === 'required' ? (tried ? t('required') : undefined) : t(`wrong.${wrong}`)
}
