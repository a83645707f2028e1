import type { HostSnapshot } from '@hopscope/model'
import { type Command, type CommandName, commandSchema } from '@hopscope/protocol'
import { netnsRefOf } from './choices.ts'
import type { Draft, Values } from './draft.ts'
import { FIELDS } from './fields.ts'

/** What commands that are proposed elsewhere are called in the dialog. */
const LABELS: Partial<Record<CommandName, Draft['label']>> = {
  'link.up': 'up',
  'link.mtu': 'mtu',
  'route.delete': 'deleteRoute',
  'neighbour.delete': 'deleteNeighbour',
  'fdb.delete': 'deleteFdb',
  'rule.add': 'addRule',
  'rule.delete': 'deleteRule',
}

/** The dialog of a command that was proposed elsewhere, all of it put in; a rule may still be made wider. Undefined: there is none. */
export function draftOf(proposed: Readonly<Record<string, unknown>>, snapshot: HostSnapshot): Draft | undefined {
  const read = commandSchema.safeParse(proposed)
  if (!read.success) return undefined
  const command = read.data
  const label = labelOf(command)
  if (label === undefined) return undefined
  const values = valuesOf(command, snapshot)
  const fixed = command.do === 'rule.add' ? ['netns'] : FIELDS[command.do].map(({ path }) => path)
  const object = 'link' in command ? command.link : undefined
  return { label, do: command.do, values, fixed, ...(object !== undefined && { object }) }
}

function labelOf(command: Command): Draft['label'] | undefined {
  if (command.do !== 'sysctl.set') return LABELS[command.do]
  return command.key === 'ip_forward' ? 'forwardOn' : 'linkSwitch'
}

function valuesOf(command: Command, snapshot: HostSnapshot): Values {
  const given = new Map<string, unknown>(Object.entries(command))
  const values: Record<string, string> = {}
  for (const { path, kind } of FIELDS[command.do]) {
    const value = given.get(path)
    if (typeof value === 'string') values[path] = kind === 'netns' ? netnsRefOf(snapshot, value) : value
    else if (typeof value === 'number') values[path] = String(value)
    else if (value === true) values[path] = 'on'
  }
  return values
}
