import { Check } from 'lucide-react'
import { Checkbox } from 'radix-ui'
import { useId } from 'react'

type Props = { label: string; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }

/** On or off, with its label beside it. */
export function CheckField({ label, checked, onChange, disabled = false }: Props) {
  const id = useId()
  return (
    <div className="flex items-center gap-2">
      <Checkbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(state) => onChange(state === true)}
        className="flex size-5 shrink-0 items-center justify-center rounded-sm border border-border-strong bg-surface disabled:opacity-60 data-[state=checked]:border-primary data-[state=checked]:bg-primary"
      >
        <Checkbox.Indicator className="text-on-primary">
          <Check size={14} strokeWidth={3} aria-hidden />
        </Checkbox.Indicator>
      </Checkbox.Root>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
    </div>
  )
}
