import { CircleAlert } from 'lucide-react'

/** Why a form was refused, read out when it appears. */
export function Problem({ text }: { text: string | undefined }) {
  return (
    <div role="alert" className="empty:hidden">
      {text && (
        <p className="flex gap-2 rounded-md bg-danger-fill px-3 py-2 text-danger-ink">
          <CircleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
          {text}
        </p>
      )}
    </div>
  )
}
