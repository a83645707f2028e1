import { type HostSnapshot, hostSnapshotSchema, visible } from '@hopscope/model'
import { deriveTopology } from '@hopscope/topology'
import type { Command } from 'commander'
import { Option } from 'commander'
import { z } from 'zod'
import { doctorReport } from '../doctor/report.ts'
import { type RunningEnvironment, readRunning } from '../doctor/running.ts'
import { EXIT } from '../exit.ts'
import { observing, settledSnapshot, type VantageOptions } from '../observation.ts'
import type { Terminal } from '../terminal.ts'
import { changeLines } from '../text/changeText.ts'
import { doctorText } from '../text/doctorText.ts'
import { jsonText } from '../text/json.ts'
import { snapshotText } from '../text/snapshotText.ts'
import { topologyText } from '../text/topologyText.ts'

export type CommandContext = {
  terminal: Terminal
  /** The environment as far as commands read it. */
  env: { PATH?: string | undefined; LANG?: string | undefined } & RunningEnvironment
  /** Sets the process's exit code. */
  done: (code: number) => void
}
type Options = VantageOptions & { json?: boolean }

/** Adds the commands that look at a host. */
export function addObserveCommands(program: Command, context: CommandContext): void {
  addSnapshot(program, context)
  addTopology(program, context)
  addWatch(program, context)
  addDoctor(program, context)
  addSchema(program, context)
}

function addSnapshot(program: Command, { terminal, done }: CommandContext): void {
  const command = program.command('snapshot').description('show all that is known of a host now')
  const examples = [
    'hopscope snapshot',
    'hopscope snapshot --vantage demo-1',
    "hopscope snapshot --json | jq '.records.link'",
  ]
  withOptions(command, 'the whole snapshot as JSON ("hopscope schema" describes it)', examples).action(
    (options: Options) =>
      run(done, options, async (snapshot) => {
        terminal.out(`${options.json ? jsonText(snapshot) : snapshotText(snapshot, terminal.paint)}\n`)
        return EXIT.ok
      }),
  )
}

function addTopology(program: Command, { terminal, done }: CommandContext): void {
  const command = program.command('topology').description('show how everything is connected, as a tree')
  const examples = [
    'hopscope topology',
    'hopscope topology --vantage demo-1',
    "hopscope topology --json | jq '.edges | length'",
  ]
  withOptions(command, 'nodes and edges as JSON', examples).action((options: Options) =>
    run(done, options, async (snapshot) => {
      const topology = deriveTopology([snapshot])
      terminal.out(`${options.json ? jsonText(topology) : topologyText(topology, terminal.paint)}\n`)
      return EXIT.ok
    }),
  )
}

function addWatch(program: Command, { terminal, done }: CommandContext): void {
  const command = program.command('watch').description('print changes as they happen, until Ctrl-C')
  const examples = [
    'hopscope watch',
    'hopscope watch --vantage demo-1',
    'hopscope watch --json | jq -c .diff.container',
  ]
  const json = 'one JSON object per line: first {"snapshot"}, then {"from","to","hash","diff"} for each change'
  withOptions(command, json, examples).action(async (options: Options) => {
    const code = await observing(options, async (observer) => {
      await observer.quiet()
      const { store } = observer
      let state = store.current()
      if (options.json)
        terminal.out(`${jsonText({ revision: state.revision, hash: state.hash, snapshot: state.snapshot })}\n`)
      else terminal.err(`Watching ${visible(observer.host.name)}; Ctrl-C ends.\n`)
      const stop = store.subscribe((update) => {
        const before = state.snapshot
        state = store.current()
        const lines = options.json
          ? [jsonText(update)]
          : changeLines({ before, after: state.snapshot, diff: update.diff, at: new Date() })
        for (const line of lines) terminal.out(`${line}\n`)
      })
      await Promise.race([terminal.closed, signalled()])
      stop()
      return EXIT.ok
    })
    done(code)
  })
}

function addDoctor(program: Command, { terminal, env, done }: CommandContext): void {
  const command = program
    .command('doctor')
    .description(
      'say what can be observed here, what is missing and how to get it, and how the running hub and agents are',
    )
  const examples = [
    'hopscope doctor',
    'sudo npx hopscope doctor',
    'hopscope doctor --json | jq \'.sources[] | select(.state != "ok")\'',
  ]
  withOptions(command, 'the report as JSON', examples).action((options: Options) =>
    run(done, options, async (snapshot) => {
      // Inside of a sandbox host there is no hub.
      const running = options.inside === undefined ? await readRunning(env) : undefined
      const report = doctorReport(snapshot, env, running)
      terminal.out(`${options.json ? jsonText(report) : doctorText(report, terminal.paint)}\n`)
      const nothing = report.sources.every((s) => s.state === 'unavailable')
      if (!nothing) return EXIT.ok
      return report.root ? EXIT.unavailable : EXIT.permission
    }),
  )
}

function addSchema(program: Command, { terminal, done }: CommandContext): void {
  program
    .command('schema')
    .description('print the JSON Schema of "hopscope snapshot --json"')
    .option('--json', 'the same (the schema is JSON in any case)')
    .addHelpText('after', examplesText(['hopscope schema > snapshot.schema.json']))
    .action(() => {
      terminal.out(`${JSON.stringify(z.toJSONSchema(hostSnapshotSchema), null, 2)}\n`)
      done(EXIT.ok)
    })
}

/** The options that every observing command has, and its help. */
function withOptions(command: Command, json: string, examples: string[]): Command {
  return command
    .option('--vantage <name>', 'look at this sandbox host instead of the machine itself')
    .option('--json', json)
    .addOption(new Option('--inside <vantage>').hideHelp())
    .addHelpText('after', examplesText(examples))
}

export const examplesText = (examples: string[]): string => `\nExamples:\n${examples.map((e) => `  ${e}`).join('\n')}`

async function run(
  done: (code: number) => void,
  options: Options,
  act: (snapshot: HostSnapshot) => Promise<number>,
): Promise<void> {
  done(await observing(options, async (observer) => act(await settledSnapshot(observer))))
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
