import { cn } from './cn.ts'
import { Kbd } from './Kbd.tsx'

/** A line below a view: which keys do what in it. Left out where there is no room for a keyboard's help. */
export function KeyHints({ hints, className }: { hints: readonly (readonly [string, string])[]; className?: string }) {
  return (
    <footer
      className={cn(
        'flex shrink-0 gap-4 overflow-hidden border-border border-t px-4 py-2 text-faint text-sm',
        className,
      )}
    >
      {hints.map(([key, text]) => (
        <span key={key} className="flex items-center gap-1.5 whitespace-nowrap">
          <Kbd>{key}</Kbd>
          {text}
        </span>
      ))}
    </footer>
  )
}
