import type { HostSnapshot } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { type Plan, Refused } from '../plan.ts'
import type { Planners } from './context.ts'
import { planRecreate } from './recreate.ts'

type Names = 'port.publish' | 'port.unpublish'

export const portPlanners: Planners<Names> = {
  'port.publish': byItsWay,
  'port.unpublish': byItsWay,
}

function byItsWay(command: CommandOf<Names>, snapshot: HostSnapshot): Plan {
  const { by } = command
  switch (by) {
    case 'recreate':
      return planRecreate(command, snapshot)
    case 'rules':
      throw new Refused('WAY_MISSING', { by }, 'by')
  }
}
