import type { NodeKind, RecordRef } from '@hopscope/topology'
import { useInspect } from '../../../shell/location.ts'
import { cn, KindIcon } from '../../../ui/index.ts'

type Props = { to: RecordRef; icon: NodeKind; text: string; mono?: boolean | undefined }

/** The name of another object, which opens it. */
export function RefLink({ to, icon, text, mono }: Props) {
  const inspect = useInspect()
  return (
    <button
      type="button"
      onClick={() => inspect(to)}
      className="-mx-1 inline-flex min-w-0 items-start gap-1.5 rounded-md px-1 py-1 text-left transition-colors hover:bg-hover"
    >
      <KindIcon kind={icon} className="mt-0.5 size-4" />
      <span
        className={cn(
          'min-w-0 underline decoration-border-strong underline-offset-3 [overflow-wrap:anywhere]',
          mono ? 'font-mono text-sm leading-5' : 'font-medium',
        )}
      >
        {text}
      </span>
    </button>
  )
}
