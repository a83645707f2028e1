import type { Badge, TopoNode } from '@hopscope/topology'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import type { TreeItem } from './buildTree.ts'

/** What a line says: its name, its marks, and all of it as one sentence for a screen reader. */
export function useWords() {
  const t = useTranslations('tree')
  const kinds = useTranslations('kinds')
  const nameOf = useCallback(
    (node: TopoNode) =>
      node.kind === 'bay' && node.bay ? t(`bay.${node.bay}`) : node.kind === 'stack' ? kinds('node.stack') : node.label,
    [t, kinds],
  )
  const markOf = useCallback(
    (badge: Badge, node: TopoNode): string => {
      switch (badge.kind) {
        case 'mode':
          return node.kind === 'host' ? t('sandbox') : badge.value
        case 'attachment':
          return t('attachment', { to: badge.to })
        case 'flag':
          return kinds(`flag.${badge.value}`)
        case 'peer':
          return badge.value
        case 'count':
          return t('count', { count: badge.value })
      }
    },
    [t, kinds],
  )
  const otherOf = useCallback(
    ({ other, place }: TreeItem): string | undefined =>
      other && (place ? t('otherAt', { name: other.label, place: nameOf(place) }) : t('other', { name: other.label })),
    [t, nameOf],
  )
  const sentenceOf = useCallback(
    (item: TreeItem, stale: boolean): string => {
      const { node } = item
      const other = otherOf(item)
      const parts = [
        `${kinds(`node.${node.kind}`)} ${nameOf(node)}`,
        node.detail,
        kinds(`state.${node.state}`),
        stale && t('stale'),
        ...marksOf(node).map((b) =>
          b.kind === 'mode' && node.kind !== 'host' ? t('mode', { mode: b.value }) : markOf(b, node),
        ),
        other && t('otherEnd', { end: other }),
      ]
      return parts.filter(Boolean).join(t('separator'))
    },
    [t, kinds, nameOf, markOf, otherOf],
  )
  return { nameOf, markOf, otherOf, sentenceOf }
}

/** The marks worth a word: a port stands below its bridge already. */
export const marksOf = (node: TopoNode): Badge[] =>
  node.kind === 'port' ? node.badges.filter((b) => b.kind !== 'attachment') : node.badges
