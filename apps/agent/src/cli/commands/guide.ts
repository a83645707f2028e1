import { type GuideStep, guide, handmadeDefaults, routerDefaults, say, sayRefusal } from '@hopscope/command'
import { type HostSnapshot, visible } from '@hopscope/model'
import { GUIDE_NAMES, type GuideInputs, guideSchema } from '@hopscope/protocol'
import type { Command } from 'commander'
import type { Executor } from '../../execute/executor.ts'
import { CliError, EXIT } from '../exit.ts'
import { type Observer, observing, type VantageOptions } from '../observation.ts'
import { readObject, recovered, tell, userName, withVantage } from './change.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Options = VantageOptions & { json?: string; run?: boolean }

/** Adds the command for guided sequences of changes. */
export function addGuideCommand(program: Command, { terminal, done }: CommandContext): void {
  withVantage(
    program.command('guide').description('a network made step by step: what is done, what comes next, and why'),
  )
    .argument('<guide>', `which one: ${GUIDE_NAMES.join(', ')}`)
    .option('--json <input>', 'its inputs as JSON; what is left out is proposed', '{}')
    .option('--run', 'run the steps that are not done: all of them, or none')
    .addHelpText(
      'after',
      examplesText([
        `hopscope guide handmade --json '{"container":"quiet"}' --vantage demo-1`,
        'hopscope guide router --vantage demo-1 --run',
      ]),
    )
    .action(async (name: string, options: Options) => {
      const given = readObject(options.json ?? '{}')
      const code = await observing(options, async (observer) => {
        await observer.quiet()
        const inputs = readInputs(name, given, observer.snapshot())
        if (options.run) await runAll(inputs, observer, terminal.out)
        else terminal.out(guideText(inputs, observer.snapshot()))
        return EXIT.ok
      })
      done(code)
    })
}

type Given = Record<string, unknown>

/** The inputs, with what was left out proposed from the host as it is. */
function readInputs(name: string, given: Given, snapshot: HostSnapshot): GuideInputs {
  const parsed = guideSchema.safeParse({ ...proposed(name, given, snapshot), guide: name })
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
  throw new CliError(EXIT.usage, `${visible(name)} cannot take this input. ${visible(issues.join('; '))}`)
}

function proposed(name: string, given: Given, snapshot: HostSnapshot): Given {
  if (name === 'handmade') {
    return { ...handmadeDefaults(snapshot, { ...texts(given, 'container'), ...texts(given, 'bridge') }), ...given }
  }
  if (name !== 'router') {
    throw new CliError(EXIT.usage, `There is no guide "${visible(name)}", but ${GUIDE_NAMES.join(' and ')}.`)
  }
  const side = (key: string): Given => {
    const value = given[key]
    return typeof value === 'object' && value !== null ? { ...value } : {}
  }
  const [left, right] = [side('left'), side('right')]
  const known = { ...texts({ left: left.bridge }, 'left'), ...texts({ right: right.bridge }, 'right') }
  const all = routerDefaults(snapshot, known)
  return { ...all, ...given, left: { ...all.left, ...left }, right: { ...all.right, ...right } }
}

const texts = (given: Given, key: string): Record<string, string> => {
  const value = given[key]
  return typeof value === 'string' ? { [key]: value } : {}
}

function stepsOf(inputs: GuideInputs, snapshot: HostSnapshot): readonly GuideStep[] {
  const guided = guide(inputs, snapshot)
  if ('refused' in guided) throw new CliError(EXIT.failure, sayRefusal(guided.refused))
  return guided.steps
}

function guideText(inputs: GuideInputs, snapshot: HostSnapshot): string {
  const lines = stepsOf(inputs, snapshot).flatMap(({ title, why, state, shell }, i) => [
    `${String(i + 1).padStart(2)}  ${state.kind.padEnd(8)} ${say(title)}`,
    `    ${say(why)}`,
    ...(state.kind === 'refused' ? [`    ${sayRefusal(state.refusal)}`] : []),
    ...shell.map((line) => `    $ ${visible(line)}`),
  ])
  return `${lines.join('\n')}\n`
}

/** Runs what is not done, step by step. When one does not work, those before it are undone, last first. */
async function runAll(inputs: GuideInputs, observer: Observer, out: (text: string) => void): Promise<void> {
  const executor = await recovered(observer)
  const ran: string[] = []
  try {
    for (let left = stepsOf(inputs, observer.snapshot()).length; ; left--) {
      const open = stepsOf(inputs, observer.snapshot()).find(({ state }) => state.kind !== 'done')
      if (open === undefined) return
      if (open.state.kind === 'refused') throw new CliError(EXIT.failure, sayRefusal(open.state.refusal))
      if (left === 0) throw new CliError(EXIT.failure, `"${say(open.title)}" was run, but is not seen as done`)
      const answer = await executor.run(open.command, userName())
      tell(answer, out)
      if (answer.kind === 'change') ran.unshift(answer.change.id)
      // Some switches change without an event.
      await observer.reread()
      await observer.caughtUp({ rules: true })
    }
  } catch (error) {
    await undoAll(executor, ran, out)
    throw error
  }
}

async function undoAll(executor: Executor, ids: readonly string[], out: (text: string) => void): Promise<void> {
  for (const id of ids) tell(await executor.undo(id, userName()), out)
}
