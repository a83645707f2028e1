import { useTranslations } from 'use-intl'
import { cn } from '../../ui/index.ts'
import { MIN_PASSWORD, STRENGTHS, strengthOf } from './strength.ts'

const colours = { weak: 'bg-danger', fair: 'bg-warn', good: 'bg-ok', strong: 'bg-ok' }

/** How good a new password is, or what it still lacks. Takes the same room whatever it says. */
export function StrengthBar({ password }: { password: string }) {
  const t = useTranslations('auth')
  const strength = strengthOf(password)
  const missing = MIN_PASSWORD - password.length
  const bars = STRENGTHS.indexOf(strength) + 1
  return (
    <span className="flex flex-col gap-1.5">
      <span className="mt-1 flex gap-1" aria-hidden>
        {STRENGTHS.map((s, i) => (
          <span
            key={s}
            className={cn('h-1 flex-1 rounded-full', password && i < bars ? colours[strength] : 'bg-active')}
          />
        ))}
      </span>
      <span role="status">
        {!password
          ? t('setup.requirement')
          : missing > 0
            ? t('setup.tooShort', { missing })
            : `${t('strength.label')}: ${t(`strength.${strength}`)}`}
      </span>
    </span>
  )
}
