import type { HostSnapshot } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { expectedAfter } from './expected.ts'

/** Commands whose outcome can be told before they run. */
export type Foreseen =
  | CommandOf<'netns.add'>
  | CommandOf<'bridge.create'>
  | CommandOf<'veth.create'>
  | CommandOf<'link.up'>
  | CommandOf<'link.attach'>
  | CommandOf<'link.move'>
  | CommandOf<'link.rename'>
  | CommandOf<'address.add'>
  | CommandOf<'route.add'>
  | CommandOf<'sysctl.set'>

/** The host as it will be after a command that can be planned now, so that the commands after it can be planned. Pure. */
export const foresee = (snapshot: HostSnapshot, command: Foreseen): HostSnapshot =>
  expectedAfter(command, snapshot) ?? snapshot
