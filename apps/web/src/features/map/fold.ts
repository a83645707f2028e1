import { type Folded, foldPlan, type NodeKind, type Topology } from '@hopscope/topology'

export const FOLDINGS = ['foldAuto', 'foldAll', 'unfoldAll'] as const
export type Folding = (typeof FOLDINGS)[number]
/** What the reader wants folded: a rule for all racks, and the blocks that he opened since he chose it. */
export type FoldChoice = {
  folding: Folding
  opened: readonly string[]
  /** Grows with each choice of a rule: everything is arranged anew then, for what was folded needs less room. */
  arrangement: number
}
export const START_FOLDS: FoldChoice = { folding: 'foldAuto', opened: [], arrangement: 0 }

/** Nodes and edges that a map may have before its largest racks fold: it is painted in half a second without a GPU. */
const ENOUGH = 400
const MOST: Record<Folding, number> = {
  foldAuto: ENOUGH,
  foldAll: Number.NEGATIVE_INFINITY,
  unfoldAll: Number.POSITIVE_INFINITY,
}

/** The topology with blocks instead of what is folded; what is in `keep` is never inside of one. `folded`: the last answer's. */
export function foldMap(
  topology: Topology,
  choice: FoldChoice,
  keep: readonly string[],
  folded: ReadonlySet<string> = new Set(),
): Folded {
  return foldPlan(topology, {
    folded,
    maxElements: MOST[choice.folding],
    opened: new Set([...choice.opened, ...alwaysOpen(topology, choice.folding)]),
    keep: new Set(keep),
  })
}

/** Another state of the map, folded as the shown one is; what is in `keep` never. */
export function foldAlike(topology: Topology, folded: ReadonlySet<string>, keep: ReadonlySet<string>): Topology {
  return foldPlan(topology, { maxElements: 0, opened: new Set(), only: folded, keep }).topology
}

/** Groups that a rule never folds: with every rack folded, the bridges that they hang from; with none, not even bays. */
function alwaysOpen(topology: Topology, folding: Folding): string[] {
  if (folding === 'foldAuto') return []
  if (folding === 'unfoldAll') return topology.nodes.filter((n) => n.kind === 'bay').map((n) => n.id)
  return topology.nodes.filter((n) => FRAME.has(n.kind)).map((n) => `${n.hostId}/${n.kind}`)
}

const FRAME = new Set<NodeKind>(['bridge', 'macvlan', 'nic', 'tunnel', 'segment', 'peer', 'port', 'interface'])

/** The choice after a block was opened, or what was opened before was folded again. */
export function withOpened(choice: FoldChoice, id: string, open: boolean): FoldChoice {
  const others = choice.opened.filter((o) => o !== id)
  return { ...choice, opened: open ? [...others, id] : others }
}
