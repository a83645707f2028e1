import type { HostSnapshot } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { type Plan, Refused } from '../plan.ts'
import type { Planners } from './context.ts'

type Names = 'port.publish' | 'port.unpublish'

export const portPlanners: Planners<Names> = {
  'port.publish': byItsWay,
  'port.unpublish': byItsWay,
}

function byItsWay({ by }: CommandOf<Names>, _: HostSnapshot): Plan {
  switch (by) {
    case 'rules':
    case 'recreate':
      throw new Refused('WAY_MISSING', { by }, 'by')
  }
}
