import { cn } from '../../../ui/index.ts'
import type { Say } from '../model/page.ts'
import { useSay } from '../useSay.ts'

/** A sentence; one that asks for attention stands on its colour. */
export function Note({ said, tone }: { said: Say; tone?: 'warn' | undefined }) {
  const say = useSay()
  return (
    <p
      className={cn('[overflow-wrap:anywhere]', tone ? 'rounded-md bg-warn-fill px-3 py-2 text-warn-ink' : 'text-soft')}
    >
      {say(said)}
    </p>
  )
}
