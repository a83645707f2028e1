import type { SearchHit, TopoNode } from '@hopscope/topology'
import { useTranslations } from 'use-intl'
import { KindIcon } from '../../ui/index.ts'
import { hitIcon } from './hitIcon.ts'
import { Item } from './Item.tsx'
import { marked } from './marked.ts'

type Props = {
  id: string
  hit: SearchHit
  node: TopoNode | undefined
  query: string
  onSelect: (value: string) => void
}

/** One thing that was found: what it is, where it lives, and what of it was looked for. */
export function Found({ id, hit, node, query, onSelect }: Props) {
  const kinds = useTranslations('kinds')
  const { label, detail, host, place, text } = hit
  // What was found may stand in the name or beside it already.
  const elsewhere = !label.includes(text) && !detail.includes(text)
  return (
    <Item value={id} onSelect={onSelect}>
      <KindIcon kind={hitIcon(hit, node)} tile />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate font-medium">
          <Marked text={label} query={query} />
        </span>
        <span className="truncate text-faint text-sm">
          {kinds(`record.${hit.ref.kind}`)}
          {elsewhere && (
            <span className="font-mono text-soft">
              {' · '}
              <Marked text={text} query={query} />
            </span>
          )}
          {detail && (
            <span className="font-mono">
              {' · '}
              <Marked text={detail} query={query} />
            </span>
          )}
        </span>
      </span>
      <span className="max-w-2/5 shrink-0 truncate text-right text-faint text-sm">
        {place === undefined ? host : `${host} › ${place}`}
      </span>
    </Item>
  )
}

function Marked({ text, query }: { text: string; query: string }) {
  return marked(text, query).map((piece, i) =>
    piece.hit ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name
      <mark key={i} className="rounded-sm bg-warn-fill text-warn-ink">
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  )
}
