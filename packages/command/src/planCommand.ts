import type { HostSnapshot } from '@hopscope/model'
import type { Command, CommandName } from '@hopscope/protocol'
import { containerPlanners } from './plan/containers.ts'
import type { Planner, Planners } from './plan/context.ts'
import { firewallPlanners } from './plan/firewall.ts'
import { layer2Planners } from './plan/layer2.ts'
import { layer3Planners } from './plan/layer3.ts'
import { linkPlanners } from './plan/links.ts'
import { makeLinkPlanners } from './plan/makeLinks.ts'
import { netnsPlanners } from './plan/netns.ts'
import { networkPlanners } from './plan/networks.ts'
import { portPlanners } from './plan/ports.ts'
import { switchPlanners } from './plan/switches.ts'
import { type Planned, Refused } from './plan.ts'

const planners: Planners<CommandName> = {
  ...linkPlanners,
  ...makeLinkPlanners,
  ...layer2Planners,
  ...layer3Planners,
  ...netnsPlanners,
  ...switchPlanners,
  ...networkPlanners,
  ...containerPlanners,
  ...portPlanners,
  ...firewallPlanners,
}

/** Every step of a command with what undoes it, or why it cannot work on this host now. Pure; the same input, the same plan. */
export function planCommand(command: Command, snapshot: HostSnapshot): Planned {
  // The table is indexed by the command's own name, which TypeScript does not follow through a union.
  const planner = planners[command.do] as Planner<CommandName>
  try {
    return { plan: planner(command as never, snapshot) }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.refusal }
    throw error
  }
}
