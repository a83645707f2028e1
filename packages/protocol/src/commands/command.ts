import { z } from 'zod'
import { dockerCommands } from './docker.ts'
import { firewallCommands } from './firewall.ts'
import { layer3Commands } from './layer3.ts'
import { linkCommands } from './link.ts'
import { portCommands } from './ports.ts'

/** Everything that can be changed, one strict schema each: an unknown key is refused. `do` names the command. */
export const commandSchema = z.discriminatedUnion('do', [
  ...linkCommands,
  ...layer3Commands,
  ...dockerCommands,
  ...portCommands,
  ...firewallCommands,
])
export type Command = z.infer<typeof commandSchema>
export type CommandName = Command['do']
export type CommandOf<N extends CommandName> = Extract<Command, { do: N }>

export const COMMAND_NAMES: readonly CommandName[] = commandSchema.options.map((option) => option.shape.do.value)
