import { type Folded, foldPlan, type Topology } from '@hopscope/topology'

export const FOLDINGS = ['foldAuto', 'foldAll', 'unfoldAll'] as const
export type Folding = (typeof FOLDINGS)[number]
/** What the reader wants folded: a rule for all racks, and the blocks that he opened since he chose it. */
export type FoldChoice = { folding: Folding; opened: readonly string[] }
export const START_FOLDS: FoldChoice = { folding: 'foldAuto', opened: [] }

/** Nodes and edges that a map may have before its largest racks fold: it is painted in half a second without a GPU. */
const ENOUGH = 400
const MOST: Record<Folding, number> = { foldAuto: ENOUGH, foldAll: 0, unfoldAll: Number.POSITIVE_INFINITY }

/** The topology with blocks instead of what is folded; `selected` is never inside of one. */
export function foldMap(topology: Topology, choice: FoldChoice, selected: string | undefined): Folded {
  return foldPlan(topology, {
    maxElements: MOST[choice.folding],
    opened: new Set(choice.opened),
    keep: new Set(selected === undefined ? [] : [selected]),
  })
}

/** The choice after a block was opened, or what was opened before was folded again. */
export function withOpened(choice: FoldChoice, id: string, open: boolean): FoldChoice {
  const others = choice.opened.filter((o) => o !== id)
  return { ...choice, opened: open ? [...others, id] : others }
}
