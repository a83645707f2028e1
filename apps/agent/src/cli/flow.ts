import type { HostSnapshot } from '@hopscope/model'
import {
  type AskError,
  originOf,
  type PathLanguage,
  type Query,
  readWanted,
  sayAskError,
  splitDestination,
} from '@hopscope/path'
import { CliError, EXIT } from './exit.ts'

/** A question as the options of a command have it. */
export type FlowOptions = { from: string; to: string; proto?: string }

/** Where a packet goes, as it is typed; read before anything is looked at. Throws CliError. */
export function wantedOf({ from, to, proto }: FlowOptions, language: PathLanguage): Omit<Query, 'from'> {
  const read = readWanted({ from, ...splitDestination(to), ...(proto !== undefined && { protocol: proto }) })
  if ('wrong' in read) throw refused(read.wrong, language)
  return read.wanted
}

/** Who sends it, by what a person calls it. Throws CliError. */
export function senderIn(snapshot: HostSnapshot, { from }: FlowOptions, language: PathLanguage): Query['from'] {
  const read = originOf(snapshot, from)
  if ('wrong' in read) throw refused(read.wrong, language)
  return read.origin
}

const refused = (wrong: AskError, language: PathLanguage): CliError =>
  new CliError(wrong.code === 'NOT_RUNNING' ? EXIT.failure : EXIT.usage, sayAskError(wrong, language))
