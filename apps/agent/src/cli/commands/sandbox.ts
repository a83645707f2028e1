import { constants } from 'node:os'
import {
  createSandbox,
  downSandbox,
  fillDemo,
  listSandboxes,
  openSandbox,
  type Sandbox,
  SandboxError,
  type SandboxHost,
  type SandboxSummary,
  sweepSandbox,
} from '@hopscope/sandbox'
import { type Command, InvalidArgumentError } from 'commander'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { nextSignal } from '../nextSignal.ts'
import { type Cell, table } from '../text/table.ts'
import { findHost, runInside, unknownName } from '../vantage.ts'
import { type CommandContext, examplesText } from './observe.ts'

/** Adds `sandbox up|down|list|shell`. `rest` is what stood behind "--". */
export function addSandboxCommands(
  program: Command,
  context: CommandContext,
  rest: readonly string[] | undefined,
): void {
  const sandbox = program.command('sandbox').description('private hosts to look at, learn and break things in')
  sandbox.addHelpText(
    'after',
    examplesText(['hopscope sandbox up demo --hosts 2 --demo', 'hopscope sandbox shell demo-1']),
  )
  addUp(sandbox, context)
  addDown(sandbox, context)
  addList(sandbox, context)
  addShell(sandbox, context, rest)
}

type UpOptions = { hosts: number; demo?: boolean; docker: boolean; json?: boolean }

function addUp(sandbox: Command, { terminal, done }: CommandContext): void {
  sandbox
    .command('up <name>')
    .description('make a sandbox: hosts with a network, processes and a Docker engine of their own')
    .option('--hosts <n>', 'how many hosts, joined by a switch', hostCount, 1)
    .option('--demo', 'fill it with one of everything: networks, containers, ports, rules')
    .option('--no-docker', 'without a Docker engine (always so for ordinary users)')
    .option('--json', 'the sandbox as JSON')
    .addHelpText('after', examplesText(['hopscope sandbox up lab', 'hopscope sandbox up demo --hosts 2 --demo']))
    .action(async (name: string, options: UpOptions) => {
      const onProgress = (text: string) => terminal.err(`${text}\n`)
      const signal = nextSignal()
      const whileMaking = (text: string) => signal.hasCome() || onProgress(text)
      const made = await Promise.race([makeSandbox(name, options, whileMaking), signal.came])
      signal.forget()
      if (typeof made === 'string') {
        terminal.err(`${made}: removing what was made of ${name}\n`)
        await sweepSandbox(name, { onProgress })
        return done(128 + constants.signals[made])
      }
      if (made.dockerUnavailable) terminal.err(`No Docker: ${made.dockerUnavailable}.\n`)
      const summary = (await listSandboxes()).filter((s) => s.name === name)
      const text = table(...hostTable(summary), terminal.paint)
      terminal.out(`${options.json ? JSON.stringify(summary.map(listed)[0]) : text}\n`)
      terminal.err(`Look around in it: hopscope sandbox shell ${name}\n`)
      done(EXIT.ok)
    })
}

async function makeSandbox(name: string, options: UpOptions, onProgress: (text: string) => void): Promise<Sandbox> {
  const made = await createSandbox({ name, hosts: options.hosts, docker: options.docker, onProgress })
  if (options.demo) await fillDemo(made, { onProgress })
  return made
}

function addDown(sandbox: Command, { terminal, done }: CommandContext): void {
  sandbox
    .command('down [name]')
    .description('remove a sandbox with everything in it')
    .option('--all', 'remove every sandbox')
    .addHelpText('after', examplesText(['hopscope sandbox down demo', 'hopscope sandbox down --all']))
    .action(async (name: string | undefined, { all }: { all?: boolean }) => {
      if ((name === undefined) === (all === undefined)) {
        throw new CliError(EXIT.usage, 'Give the name of a sandbox, or --all. "hopscope sandbox list" shows them.')
      }
      const known = (await listSandboxes()).map((s) => s.name)
      const names = name === undefined ? known : [name]
      const onProgress = (text: string) => terminal.err(`${text}\n`)
      for (const each of names) {
        await downSandbox(each, { onProgress }).catch((error) => {
          if (error instanceof SandboxError && error.code === 'NOT_FOUND') throw unknownName('sandbox', each, known)
          throw error
        })
      }
      if (names.length === 0) terminal.err('There is no sandbox.\n')
      done(EXIT.ok)
    })
}

function addList(sandbox: Command, { terminal, done }: CommandContext): void {
  sandbox
    .command('list')
    .description('list sandboxes and their hosts')
    .option('--json', 'as a JSON array')
    .addHelpText('after', examplesText(['hopscope sandbox list', "hopscope sandbox list --json | jq '.[].name'"]))
    .action(async ({ json }: { json?: boolean }) => {
      const list = await listSandboxes()
      if (json) terminal.out(`${JSON.stringify(list.map(listed))}\n`)
      else if (list.length === 0) terminal.err('There is no sandbox. Make one: hopscope sandbox up demo --demo\n')
      else terminal.out(`${table(...hostTable(list), terminal.paint)}\n`)
      done(EXIT.ok)
    })
}

function hostTable(list: readonly SandboxSummary[]): [string[], Cell[][]] {
  return [['SANDBOX', 'STATE', 'HOST', 'ADDRESS', 'DOCKER'], list.flatMap(rows)]
}

function rows({ name, state, because, record }: SandboxSummary): Cell[][] {
  const shown: Cell = { text: because ? `${state} (${because})` : state, style: state === 'up' ? 'green' : 'yellow' }
  if (!record?.hosts.length) return [[name, shown, '', '', '']]
  return record.hosts.map((h, i) => [
    i === 0 ? name : '',
    i === 0 ? shown : '',
    h.name,
    h.address,
    h.dockerSocket === null ? 'no' : 'yes',
  ])
}

/** What is of use outside: no process numbers, no folders. */
function listed({ name, state, because, record }: SandboxSummary) {
  const hosts = (record?.hosts ?? []).map((h) => ({
    name: h.name,
    address: h.address,
    docker: h.dockerSocket !== null,
  }))
  return {
    name,
    state,
    ...(because !== undefined && { because }),
    ...(record && { createdAt: record.createdAt, rootless: record.rootless }),
    hosts,
  }
}

function addShell(sandbox: Command, { done }: CommandContext, rest: readonly string[] | undefined): void {
  sandbox
    .command('shell <name> [host]')
    .description('open a shell in a host of a sandbox, or run a command there (after "--")')
    .usage('<name> [host] [-- command...]')
    .addHelpText(
      'after',
      examplesText(['hopscope sandbox shell demo', 'hopscope sandbox shell demo demo-2 -- docker ps']),
    )
    .addHelpText('after', '\nThe exit code is that of the shell or command.')
    .action(async (name: string, host: string | undefined) => {
      const place = await hostIn(name, host)
      const argv = rest?.length ? rest : await shellOf(place)
      done(await runInside(place, { argv, cwd: process.cwd() }))
    })
}

/** `NAME HOST`; the first host when only the sandbox is named; a host's own name does too. */
async function hostIn(name: string, wanted: string | undefined): Promise<SandboxHost> {
  const summary = (await listSandboxes()).find((s) => s.name === name)
  if (!summary) return wanted === undefined ? (await findHost(name)).host : Promise.reject(await unknownSandbox(name))
  const { hosts } = await openSandbox(name)
  const found = wanted === undefined ? hosts[0] : hosts.find((h) => h.name === wanted)
  if (found) return found
  throw unknownName(
    `host in sandbox ${name}:`,
    wanted ?? '',
    hosts.map((h) => h.name),
  )
}

async function unknownSandbox(name: string): Promise<CliError> {
  return unknownName(
    'sandbox',
    name,
    (await listSandboxes()).map((s) => s.name),
  )
}

async function shellOf(host: SandboxHost): Promise<string[]> {
  const { code } = await host.exec(['test', '-x', '/bin/bash'])
  return [code === 0 ? '/bin/bash' : '/bin/sh']
}

function hostCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 20) return count
  throw new InvalidArgumentError('Give a whole number from 1 to 20.')
}

/** The exit code for what a sandbox could not do. */
export function exitCodeOf(error: SandboxError): ExitCode {
  switch (error.code) {
    case 'BAD_NAME':
    case 'NOT_FOUND':
      return EXIT.usage
    case 'NAMESPACES_FORBIDDEN':
      return EXIT.permission
    case 'DOCKER_NOT_READY':
    case 'DOCKER_UNAVAILABLE':
    case 'TOOL_MISSING':
      return EXIT.unavailable
    default:
      return EXIT.failure
  }
}
