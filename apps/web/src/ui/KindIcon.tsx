import type { NodeKind } from '@hopscope/topology'
import {
  Box,
  Boxes,
  Cable,
  CircleDot,
  Cloud,
  DoorOpen,
  EthernetPort,
  GitFork,
  House,
  Layers,
  LayoutGrid,
  type LucideIcon,
  Network,
  Radio,
  Server,
  Waypoints,
} from 'lucide-react'
import { hueOf } from '../theme/colours.ts'
import { cn } from './cn.ts'
import { hueClasses } from './hueClasses.ts'

export const kindIcons: Record<NodeKind, LucideIcon> = {
  host: Server,
  segment: Cloud,
  nic: EthernetPort,
  stack: Layers,
  bridge: Network,
  macvlan: GitFork,
  tunnel: Waypoints,
  port: CircleDot,
  box: Box,
  interface: Cable,
  entrance: DoorOpen,
  resident: House,
  peer: Radio,
  bay: LayoutGrid,
  block: Boxes,
}

/** The icon of a kind in its colour; on a soft tile when `tile` is set. Decorative: say the kind in words beside it. */
export function KindIcon({ kind, tile, className }: { kind: NodeKind; tile?: boolean; className?: string }) {
  const Icon = kindIcons[kind]
  const hue = hueClasses[hueOf[kind]]
  if (!tile) return <Icon size={16} strokeWidth={1.75} aria-hidden className={cn('shrink-0', hue.text, className)} />
  return (
    <span className={cn('inline-flex size-7 shrink-0 items-center justify-center rounded-md', hue.fill, className)}>
      <Icon size={16} strokeWidth={1.75} aria-hidden className={hue.text} />
    </span>
  )
}
