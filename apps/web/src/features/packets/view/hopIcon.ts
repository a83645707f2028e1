import type { HopKind } from '@hopscope/model'
import {
  ArrowLeftRight,
  AtSign,
  Cable,
  Globe,
  Inbox,
  Link2,
  LogIn,
  LogOut,
  type LucideIcon,
  Megaphone,
  Network,
  Package,
  Send,
  ShieldCheck,
  Signpost,
  Split,
} from 'lucide-react'

/** What each kind of hop looks like. */
export const hopIcon: Readonly<Record<HopKind, LucideIcon>> = {
  resolve: AtSign,
  send: Send,
  arrive: LogIn,
  chain: ShieldCheck,
  nat: ArrowLeftRight,
  conntrack: Link2,
  route: Signpost,
  neighbour: Megaphone,
  leave: LogOut,
  veth: Cable,
  bridge: Network,
  macvlan: Split,
  tunnel: Package,
  deliver: Inbox,
  outside: Globe,
}
