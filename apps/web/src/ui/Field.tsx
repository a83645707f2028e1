import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from './cn.ts'
import { IconButton } from './IconButton.tsx'

type Props = Omit<ComponentProps<'input'>, 'id'> & { label: string; hint?: ReactNode; error?: string }

/** A labelled input with a hint below; an error takes the hint's place, so that nothing moves. */
export function Field({ label, hint, error, className, type, ...rest }: Props) {
  const id = useId()
  const t = useTranslations('auth')
  const [shown, setShown] = useState(false)
  const secret = type === 'password'
  return (
    <div className={cn('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          type={secret && shown ? 'text' : type}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-hint` : undefined}
          className={cn(
            'h-9 w-full rounded-md border border-border-strong bg-surface px-3 text-text placeholder:text-faint focus-visible:outline-offset-0 aria-invalid:border-danger',
            secret && 'pr-10',
          )}
          {...rest}
        />
        {secret && (
          <IconButton
            icon={shown ? EyeOff : Eye}
            label={shown ? t('hide') : t('show')}
            small
            silent
            onClick={() => setShown(!shown)}
            className="absolute top-1 right-1"
          />
        )}
      </div>
      {(hint || error) && (
        <div id={`${id}-hint`} className={cn('min-h-4 text-sm', error ? 'text-danger' : 'text-faint')}>
          {error ?? hint}
        </div>
      )}
    </div>
  )
}
