import { SandboxError } from '@hopscope/sandbox'
import { Command, CommanderError } from 'commander'
import { errnoOf } from '../observe/processes.ts'
import { AGENT_VERSION } from '../version.ts'
import { addChangeCommands } from './commands/change.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addGuideCommand } from './commands/guide.ts'
import { addObserveCommands, type CommandContext } from './commands/observe.ts'
import { addProveCommand } from './commands/prove.ts'
import { addSandboxCommands, exitCodeOf } from './commands/sandbox.ts'
import { addTraceCommand } from './commands/trace.ts'
import { CliError, EXIT, exitCodesHelp } from './exit.ts'
import { openTerminal } from './terminal.ts'

const { env, stdout, stderr } = process
const terminal = openTerminal({ stdout, stderr, plain: Boolean(env.NO_COLOR) || env.TERM === 'dumb' })
process.exitCode = await runCli(process.argv.slice(2))
await terminal.flushed()
// Whatever a library keeps open must not keep a finished command from ending.
process.exit()

/** Runs one command to its end; gives the exit code, after the message of a failure was written. */
async function runCli(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok
  // What stands behind "--" belongs to the command that runs in a sandbox, and is none of our options.
  const cut = argv.indexOf('--')
  const own = cut < 0 ? argv : argv.slice(0, cut)
  const context: CommandContext = {
    terminal,
    env: {
      PATH: env.PATH,
      HOPSCOPE_DATA: env.HOPSCOPE_DATA,
      XDG_DATA_HOME: env.XDG_DATA_HOME,
      LANG: env.LC_ALL || env.LC_MESSAGES || env.LANG,
    },
    done: (result) => {
      code = result
    },
  }
  try {
    await makeProgram(context, cut < 0 ? undefined : argv.slice(cut + 1)).parseAsync([...own], { from: 'user' })
    return code
  } catch (error) {
    return failed(error)
  }
}

function makeProgram(context: CommandContext, rest: readonly string[] | undefined): Command {
  const program = new Command('hopscope')
    .description("A live map of a Linux host's network, from the command line.")
    .version(AGENT_VERSION)
    .exitOverride()
    .showHelpAfterError('Run with --help for usage and examples.')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .addHelpText('afterAll', exitCodesHelp)
  addObserveCommands(program, context)
  addExplainCommand(program, context)
  addChangeCommands(program, context)
  addGuideCommand(program, context)
  addProveCommand(program, context)
  addTraceCommand(program, context)
  addSandboxCommands(program, context, rest)
  inheritSettings(program)
  return program
}

/** Commands made with `command()` copy the settings of their parent only if those were made before. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inheritSettings(child)
  }
}

function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof CliError) return say(error.message, error.code)
  if (error instanceof SandboxError) return say(error.message, exitCodeOf(error))
  const errno = errnoOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (errno === 'EACCES' || errno === 'EPERM') return say(`${message}. Run it as root.`, EXIT.permission)
  return say(message, EXIT.failure)
}

function say(message: string, code: number): number {
  terminal.err(`hopscope: ${message}\n`)
  return code
}
