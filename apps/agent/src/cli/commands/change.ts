import { lineOf, type Phrase, type Plan, type Reason, risksOf, say, sayReason, sayRefusal } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { nearNames, visible } from '@hopscope/model'
import {
  type Change,
  type ChangeAnswer,
  COMMAND_NAMES,
  commandSchema,
  REVERT_AFTER,
  revertAfterSchema,
  type Command as Wanted,
} from '@hopscope/protocol'
import { type Command, Option } from 'commander'
import { readConfig } from '../../config.ts'
import { executorOf } from '../../execute/changing.ts'
import { type Executor, PATIENCE } from '../../execute/executor.ts'
import { CliError, EXIT } from '../exit.ts'
import { type Observer, observing, type VantageOptions } from '../observation.ts'
import { jsonText } from '../text/json.ts'
import { shellWays, untilDecided } from './keep.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Told = NonNullable<Change['reason']>
type Options = VantageOptions & { json?: string; dryRun?: boolean; revertAfter?: number }

/** Adds the commands that change a host. */
export function addChangeCommands(program: Command, context: CommandContext): void {
  addDo(program, context)
  addKeep(program, context)
  addUndo(program, context)
  addHistory(program, context)
}

function addDo(program: Command, { terminal, done }: CommandContext): void {
  withVantage(program.command('do').description('change something on a host, and show how: all of it, or nothing'))
    .argument('<command>', `what to do: ${COMMAND_NAMES.join(', ')}`)
    .option('--json <input>', 'the input of the command as JSON', '{}')
    .option('--dry-run', 'show what would be done, and do nothing')
    .option(
      '--revert-after <seconds>',
      `undo it after 10 to 300 seconds unless it is kept; ${REVERT_AFTER} where it could end this very shell`,
      readSeconds,
    )
    .addHelpText(
      'after',
      examplesText([
        `hopscope do bridge.create --json '{"netns":"root","name":"br9"}' --vantage demo-1`,
        `hopscope do link.up --json '{"netns":"root","link":"br9"}' --vantage demo-1 --dry-run`,
      ]),
    )
    .action(async (name: string, options: Options) => {
      const command = readCommand(name, options.json ?? '{}')
      const code = await observing(options, async (observer) => {
        await observer.quiet()
        const executor = await recovered(observer)
        if (options.dryRun) {
          const planned = await executor.plan(command)
          if ('refused' in planned) throw new CliError(EXIT.failure, sayRefusal(planned.refused))
          const risks = risksOf(command, observer.snapshot(), shellWays())
          terminal.out(planText(observer.snapshot(), planned.plan, risks))
          return EXIT.ok
        }
        const by = userName()
        const terms = { ways: shellWays(), revertAfter: options.revertAfter }
        const answer = await executor.run(command, by, terms)
        if (answer.kind !== 'change' || answer.change.state !== 'unconfirmed') return tell(answer, terminal.out)
        const { change } = answer
        const keep = ['hopscope', 'keep', change.id, ...vantageWords(observer.host)].join(' ')
        return tell(await untilDecided({ executor, change, keep, by, out: terminal.out }), terminal.out)
      })
      done(code)
    })
}

function addKeep(program: Command, { terminal, done }: CommandContext): void {
  withVantage(program.command('keep').description('keep a change that would be undone by itself'))
    .argument('<id>', 'the id of the change')
    .addHelpText('after', examplesText(['hopscope keep mi8k2x1c-5d2a9f01']))
    .action(async (id: string, options: Options) => {
      const code = await observing(options, async (observer) =>
        tell(await openExecutor(observer).keep(id), terminal.out),
      )
      done(code)
    })
}

const vantageWords = ({ name, vantage }: Observer['host']): string[] =>
  vantage.kind === 'sandbox' ? ['--vantage', name] : []

function readSeconds(text: string): number {
  const read = revertAfterSchema.safeParse(Number(text))
  if (!read.success) throw new CliError(EXIT.usage, '--revert-after takes a number of seconds from 10 to 300.')
  return read.data
}

function addUndo(program: Command, { terminal, done }: CommandContext): void {
  withVantage(program.command('undo').description('undo a change; "hopscope history" lists them'))
    .argument('<id>', 'the id of the change')
    .addHelpText('after', examplesText(['hopscope undo mi8k2x1c-5d2a9f01 --vantage demo-1']))
    .action(async (id: string, options: Options) => {
      const code = await observing(options, async (observer) => {
        await observer.quiet()
        return tell(await openExecutor(observer).undo(id, userName()), terminal.out)
      })
      done(code)
    })
}

function addHistory(program: Command, { terminal, done }: CommandContext): void {
  withVantage(program.command('history').description('list what was changed on a host, newest first'))
    .option('--json', 'the changes as JSON')
    .addHelpText(
      'after',
      examplesText(['hopscope history --vantage demo-1', "hopscope history --json | jq '.[0].steps'"]),
    )
    .action(async (options: VantageOptions & { json?: boolean }) => {
      const code = await observing(options, async (observer) => {
        const changes = openExecutor(observer).history()
        terminal.out(options.json ? `${jsonText(changes)}\n` : changes.map(changeLine).join(''))
        return EXIT.ok
      })
      done(code)
    })
}

function openExecutor(observer: Observer): Executor {
  return executorOf(observer, readConfig().changesFolder)
}

/** An executor that has undone what a crash left half done. Fails with who changes the host now, when that takes its time. */
export async function recovered(observer: Observer): Promise<Executor> {
  const executor = openExecutor(observer)
  const recovery = await executor.recover(PATIENCE)
  if ('held' in recovery) throw new CliError(EXIT.failure, because(recovery.held))
  return executor
}

function readCommand(name: string, input: string): Wanted {
  const known: readonly string[] = COMMAND_NAMES
  if (!known.includes(name)) {
    const near = nearNames(name, known)
    const hint =
      near.length > 0 ? `Did you mean ${near.map((one) => `"${one}"`).join(' or ')}?` : 'See "hopscope do --help".'
    throw new CliError(EXIT.usage, `There is no command "${visible(name)}". ${hint}`)
  }
  const parsed = commandSchema.safeParse({ ...readObject(input), do: name })
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
  throw new CliError(EXIT.usage, `${name} cannot take this input. ${visible(issues.join('; '))}`)
}

/** The object that was given as JSON; an empty one for any other JSON. */
export function readObject(input: string): Record<string, unknown> {
  let fields: unknown
  try {
    fields = JSON.parse(input)
  } catch (cause) {
    throw new CliError(EXIT.usage, `The text after --json is not JSON: ${visible(String(cause))}`, cause)
  }
  return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? { ...fields } : {}
}

function planText(snapshot: HostSnapshot, plan: Plan, risks: readonly Phrase[]): string {
  const lines = plan.steps.flatMap(({ title, act, undo }) => [
    say(title),
    `  ${lineOf(snapshot, act)}`,
    ...undo.map((one) => `  undo: ${lineOf(snapshot, one)}`),
  ])
  return `${[...lines, ...risks.map((phrase) => say(phrase)), ...plan.lost.map((phrase) => `Undo will not bring back: ${say(phrase)}`)].join('\n')}\n`
}

/** Writes what came of it; gives the exit code. */
export function tell(answer: ChangeAnswer, out: (text: string) => void): number {
  if (answer.kind === 'denied') throw new CliError(EXIT.failure, because(answer.reason))
  // The codes come from our own planner, which has words for each.
  if (answer.kind === 'refused')
    throw new CliError(EXIT.failure, sayRefusal(answer.refusal as Parameters<typeof sayRefusal>[0]))
  if (answer.kind === 'moved')
    throw new CliError(EXIT.failure, `The host has changed. It would now be: ${answer.shell.join('; ')}`)
  const { change } = answer
  out(changeLine(change))
  for (const { shell, state } of change.steps) out(`  ${state.padEnd(7)} ${visible(shell)}\n`)
  const { reason, left } = change
  if (change.state === 'done' || (change.state === 'undone' && reason?.code === 'UNDONE_BY')) return EXIT.ok
  const outcome = left ? because(left) : 'Everything is as before.'
  throw new CliError(EXIT.failure, `${reason ? `${because(reason)} ` : ''}${outcome}`)
}

/** In words, with those of the program that said so. */
function because(reason: Told): string {
  const said = reason.detail === undefined ? '' : ` (${visible(reason.detail)})`
  const { expected = 'nothing', found = 'nothing' } = reason.difference ?? {}
  const other = reason.difference ? ` Expected: ${visible(expected)}. Found: ${visible(found)}.` : ''
  return `${sayReason(reason as Reason)}${said}${other}` // the codes are our own, as above
}

function changeLine({ id, at, by, title, state }: Change): string {
  const words = say(title as Parameters<typeof say>[0]) // from our own planner, as above
  return `${id}  ${new Date(at).toISOString()}  ${state.padEnd(8)} ${words} (${visible(by)})\n`
}

export const userName = (): string => process.env.SUDO_USER ?? process.env.USER ?? 'root'

export const withVantage = (command: Command): Command =>
  command
    .option('--vantage <name>', 'a sandbox host instead of the machine itself')
    .addOption(new Option('--inside <vantage>').hideHelp())
