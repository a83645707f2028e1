import { ChevronRight } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Badge, cn, KindIcon } from '../../ui/index.ts'
import type { Row } from './rows.ts'
import { marksOf, type useWords } from './useWords.ts'

type Props = {
  row: Row
  id: string
  top: number
  open: boolean
  active: boolean
  selected: boolean
  changed: boolean
  /** The agent of this host is away. */
  stale: boolean
  words: ReturnType<typeof useWords>
  onClick: () => void
  onToggle: () => void
  onOther: () => void
}

export const ROW_HEIGHT = 32
const INDENT = 20

/** One line of the tree. The tree itself holds the focus; the active line is told by its id. */
export function TreeRow({
  row,
  id,
  top,
  open,
  active,
  selected,
  changed,
  stale,
  words,
  onClick,
  onToggle,
  onOther,
}: Props) {
  const t = useTranslations('kinds')
  const shell = useTranslations('shell')
  const { item, level, position, siblings } = row
  const { node } = item
  const other = words.otherOf(item)
  const inner = item.children.length > 0
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the tree, which names this line as the active one
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={inner ? open : undefined}
      aria-selected={selected}
      data-node={node.id}
      onClick={onClick}
      style={{ top, height: ROW_HEIGHT, paddingLeft: (level - 1) * INDENT + 8 }}
      className={cn(
        'absolute inset-x-2 flex cursor-default items-center gap-2 rounded-md pr-3',
        selected ? 'bg-selection-fill' : 'hover:bg-hover',
        active &&
          'group-focus-visible:outline-2 group-focus-visible:outline-focus group-focus-visible:-outline-offset-2',
      )}
    >
      <span className="sr-only">{words.sentenceOf(item, stale)}</span>
      <span aria-hidden className="contents">
        <Twist inner={inner} open={open} onToggle={onToggle} />
        <KindIcon kind={node.kind} />
        <span
          className={cn('min-w-0 max-w-[70%] shrink-0 truncate font-medium', node.kind === 'host' && 'font-semibold')}
        >
          {words.nameOf(node)}
        </span>
        {node.detail && <span className="min-w-0 truncate font-mono text-soft text-sm">{node.detail}</span>}
        {changed && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-focus" />}
        {stale && <Badge hue="warn">{shell('connection.stale')}</Badge>}
        {node.state !== 'up' && <State state={node.state} word={t(`state.${node.state}`)} />}
        <span className="flex min-w-0 shrink-[3] gap-1 overflow-hidden @max-[440px]:hidden">
          {marksOf(node).map((b) => (
            <Badge
              key={`${b.kind} ${b.kind === 'attachment' ? b.to : b.value}`}
              hue={b.kind === 'attachment' ? 'bridge' : 'stack'}
            >
              {words.markOf(b, node)}
            </Badge>
          ))}
        </span>
        {other && (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the key for this is o, on the tree
          // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer only
          <span
            onClick={(e) => {
              e.stopPropagation()
              onOther()
            }}
            className="min-w-0 shrink-[2] cursor-pointer truncate rounded-sm px-1 font-mono text-sm text-veth underline-offset-2 hover:underline @max-[600px]:hidden"
          >
            {other}
          </span>
        )}
      </span>
    </div>
  )
}

function Twist({ inner, open, onToggle }: { inner: boolean; open: boolean; onToggle: () => void }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys for this are the arrows, on the tree
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer only
    <span
      onClick={(e) => {
        e.stopPropagation()
        onToggle()
      }}
      className={cn('-m-1 flex size-6 shrink-0 items-center justify-center text-faint', !inner && 'invisible')}
    >
      <ChevronRight size={14} aria-hidden className={cn('transition-transform', open && 'rotate-90')} />
    </span>
  )
}

function State({ state, word }: { state: 'down' | 'degraded' | 'unknown'; word: string }) {
  return <Badge hue={state === 'down' ? 'danger' : state === 'degraded' ? 'warn' : 'stack'}>{word}</Badge>
}
