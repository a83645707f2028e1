import type { HostSnapshot } from '@hopscope/model'
import type { Command, CommandName } from '@hopscope/protocol'
import { expectedContainers } from './expected/containers.ts'
import { expectedFirewall } from './expected/firewall.ts'
import { expectedLayer3 } from './expected/layer3.ts'
import { expectedLinks } from './expected/links.ts'
import { expectedNetns } from './expected/netns.ts'
import { expectedNetworks } from './expected/networks.ts'
import { expectedNewLinks } from './expected/newLinks.ts'
import { expectedPorts } from './expected/ports.ts'
import { type Drawing, type Drawn, sketchOf } from './expected/sketch.ts'
import { Refused } from './plan.ts'

/** What is not listed changes nothing that a map shows. */
const drawings: Drawn<CommandName> = {
  ...expectedLinks,
  ...expectedNewLinks,
  ...expectedLayer3,
  ...expectedNetns,
  ...expectedNetworks,
  ...expectedContainers,
  ...expectedPorts,
  ...expectedFirewall,
}

/**
 * The host as it should be once a command was done, for showing it beforehand: what only the kernel or Docker can choose (ifindexes,
 * ids, addresses) has a placeholder or is left out. Undefined for what changes no map, and for what cannot work. Pure.
 */
export function expectedAfter(command: Command, snapshot: HostSnapshot): HostSnapshot | undefined {
  // The table is indexed by the command's own name, which TypeScript does not follow through a union.
  const drawing = drawings[command.do] as Drawing<CommandName> | undefined
  if (drawing === undefined) return undefined
  const sketch = sketchOf(snapshot)
  try {
    drawing(command as never, sketch)
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
  return sketch.now()
}
