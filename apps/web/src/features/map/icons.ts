import type { NodeKind } from '@hopscope/topology'

const circle = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`

/** The outlines of KindIcon's drawings on their 24 × 24 grid: a canvas cannot draw a component. */
export const ICONS: Partial<Record<NodeKind, string>> = {
  segment: 'M17.5 19H9a7 7 0 1 1 6.71-9h1.79a4.5 4.5 0 1 1 0 9Z',
  nic: 'M19 17a2 2 0 0 0-1.765 1.059l-.47.882A2 2 0 0 1 15 20H9a2 2 0 0 1-1.765-1.059l-.47-.882A2 2 0 0 0 5 17H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2zM6 8v1M10 8v1M14 8v1M18 8v1',
  bridge: 'M16 16h6v6h-6zM2 16h6v6H2zM9 2h6v6H9zM5 16v-3a1 1 0 0 1 1-1h12a1 1 0 0 1 1 1v3M12 12V8',
  macvlan: `${circle(12, 18, 3)}${circle(6, 6, 3)}${circle(18, 6, 3)}M18 9v2c0 .6-.4 1-1 1H7c-.6 0-1-.4-1-1V9M12 12v3`,
  tunnel: `m10.586 5.414-5.172 5.172M18.586 13.414l-5.172 5.172M6 12h12${circle(12, 20, 2)}${circle(12, 4, 2)}${circle(20, 12, 2)}${circle(4, 12, 2)}`,
  peer: `M16.247 7.761a6 6 0 0 1 0 8.478M19.075 4.933a10 10 0 0 1 0 14.134M4.925 19.067a10 10 0 0 1 0-14.134M7.753 16.239a6 6 0 0 1 0-8.478${circle(12, 12, 2)}`,
}
