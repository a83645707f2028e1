import type { Planners } from './context.ts'
import { publishByRules, unpublishByRules } from './publishByRules.ts'
import { planRecreate } from './recreate.ts'

export const portPlanners: Planners<'port.publish' | 'port.unpublish'> = {
  'port.publish': (command, snapshot) =>
    command.by === 'rules' ? publishByRules(command, snapshot) : planRecreate(command, snapshot),
  'port.unpublish': (command, snapshot) =>
    command.by === 'rules' ? unpublishByRules(command, snapshot) : planRecreate(command, snapshot),
}
