import { Check, ChevronDown } from 'lucide-react'
import { Select } from 'radix-ui'
import { useTranslations } from 'use-intl'
import type { Role } from '../../shell/session.ts'
import { useLayer } from '../../ui/layer.ts'

const ROLES: Role[] = ['viewer', 'operator', 'admin']

type Props = { label: string; value: Role; onChange: (role: Role) => void }

/** Chooses a role; each says what it may do. */
export function RoleSelect({ label, value, onChange }: Props) {
  const t = useTranslations('settings')
  const shell = useTranslations('shell')
  const layer = useLayer()
  return (
    // Radix hands back one of the values given to the items below.
    <Select.Root value={value} onValueChange={(v) => onChange(v as Role)}>
      <Select.Trigger
        aria-label={label}
        className="flex h-8 min-w-32 items-center justify-between gap-2 rounded-md border border-border bg-surface px-2.5 hover:bg-hover"
      >
        <Select.Value>{shell(`role.${value}`)}</Select.Value>
        <ChevronDown size={14} aria-hidden className="text-faint" />
      </Select.Trigger>
      <Select.Portal container={layer}>
        <Select.Content
          position="popper"
          align="end"
          sideOffset={6}
          className="rise z-50 w-72 rounded-lg border border-border bg-raised p-1 shadow-3"
        >
          <Select.Viewport>
            {ROLES.map((role) => (
              <Select.Item
                key={role}
                value={role}
                className="flex cursor-default items-start gap-2 rounded-md px-2 py-1.5 outline-none data-[highlighted]:bg-hover"
              >
                <span className="flex-1">
                  <Select.ItemText>
                    {shell(`role.${role}`)}
                    <span className="block text-faint text-sm">{t(`roleHint.${role}`)}</span>
                  </Select.ItemText>
                </span>
                <Select.ItemIndicator className="mt-1">
                  <Check size={14} aria-hidden />
                </Select.ItemIndicator>
              </Select.Item>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  )
}
