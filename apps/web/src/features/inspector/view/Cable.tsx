import { useInspect } from '../../../shell/location.ts'
import { cn, KindIcon } from '../../../ui/index.ts'
import type { CableEnd, Say } from '../model/page.ts'
import { useSay } from '../useSay.ts'

/** A veth pair drawn as the cable it is, and said in words. */
export function Cable({ ends, said }: { ends: readonly [CableEnd, CableEnd]; said: Say }) {
  const say = useSay()
  const [near, far] = ends
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center">
        <End end={near} />
        <span aria-hidden className="h-0.5 w-6 shrink-0 bg-veth" />
        <End end={far} />
      </div>
      <p className="text-soft [overflow-wrap:anywhere]">{say(said)}</p>
    </div>
  )
}

function End({ end }: { end: CableEnd }) {
  const inspect = useInspect()
  const { to } = end
  const look = 'min-w-0 flex-1 rounded-lg border px-3 py-2 text-left'
  if (!to) {
    return (
      <div className={cn(look, 'border-border border-dashed')}>
        <Words end={end} />
      </div>
    )
  }
  return (
    <button
      type="button"
      onClick={() => inspect(to)}
      className={cn(look, 'border-border transition-colors hover:bg-hover')}
    >
      <Words end={end} />
    </button>
  )
}

function Words({ end }: { end: CableEnd }) {
  const say = useSay()
  return (
    <>
      <span className="flex min-w-0 items-center gap-1.5">
        <KindIcon kind={end.icon} />
        <span className="min-w-0 truncate font-medium font-mono text-sm">{end.name}</span>
      </span>
      <span className="mt-0.5 flex min-w-0 justify-between gap-2 text-soft text-sm">
        <span className="truncate">{say(end.place)}</span>
        {end.index !== undefined && <span className="tabular shrink-0 font-mono">if{end.index}</span>}
      </span>
    </>
  )
}
