import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Act, argvOf, guide, lineOf } from '@hopscope/command'
import type { Command, GuideInputs } from '@hopscope/protocol'
import { createExecutor } from '../../src/execute/executor.ts'
import { openKeptPorts } from '../../src/execute/keptPorts.ts'
import { startObserver } from '../../src/observer.ts'
import { run } from '../../src/run.ts'
import { type Answered, askSchema, type ChangeAsk, type GuidedSteps, type Lines } from './executing.ts'

// Runs inside a sandbox host, as the agent does, and changes it; a program can be told to fail, or this process to die beside it.
const [folder = ''] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'changes', rootless: false } })
let fault: ChangeAsk['fault']
let calls = 0
const kept = openKeptPorts(join(folder, 'ports'))
const executor = createExecutor({
  host: observer,
  folder,
  ports: {
    all: kept.all,
    keep: (one) => faultAt(() => kept.keep(one)),
    forget: (one) => faultAt(() => kept.forget(one)),
  },
  async runProgram(argv) {
    const here = fault?.at === calls++ ? fault.how : undefined
    if (here === 'fail') return { kind: 'ended', code: 1, stdout: '', stderr: 'a fault was injected' }
    if (here === 'kill before') process.kill(process.pid, 'SIGKILL')
    const result = await run(argv)
    if (here === 'kill after') process.kill(process.pid, 'SIGKILL')
    return result
  },
})
/** The same for what the agent writes down by itself. */
function faultAt(write: () => void): void {
  const here = fault?.at === calls++ ? fault.how : undefined
  if (here === 'fail') throw Object.assign(new Error('a fault was injected'), { code: 'ENOSPC' })
  if (here === 'kill before') process.kill(process.pid, 'SIGKILL')
  write()
  if (here === 'kill after') process.kill(process.pid, 'SIGKILL')
}
const recovery = await executor.recover()
const recovered = 'undone' in recovery ? recovery.undone : []

process.on('message', async (raw) => {
  const ask = askSchema.parse(raw)
  switch (ask.kind) {
    case 'lines':
      return void process.send?.(await linesOf(ask.command))
    case 'guide':
      return void process.send?.({ steps: await stepsOf(ask.inputs) })
    default:
      return void process.send?.(await change(ask))
  }
})

async function change(ask: ChangeAsk): Promise<Answered> {
  fault = ask.fault
  calls = 0
  const answer = ask.kind === 'run' ? await executor.run(ask.command, 'test') : await executor.undo(ask.id, 'test')
  return { answer, calls, descriptors: readdirSync('/proc/self/fd').length }
}

/** The plan of a command, line by line; what undoes it, last step first. */
async function linesOf(command: Command): Promise<Lines> {
  const planned = await executor.plan(command)
  const steps = 'refused' in planned ? [] : planned.plan.steps
  const programOf = (act: Act) => ('argv' in act ? [argvOf(observer.snapshot(), act) ?? [...act.argv]] : [])
  // What may be gone, or depends on what there is, does so for who types it as well.
  const lineNow = (act: Act) =>
    `${lineOf(observer.snapshot(), act)}${'argv' in act && (act.mayBeGone || act.ifEmpty) ? ' || true' : ''}`
  return {
    act: steps.map(({ act }) => lineNow(act)),
    undo: [...steps].reverse().flatMap(({ undo }) => undo.map(lineNow)),
    programs: steps.flatMap(({ act, undo }) => [act, ...undo].flatMap(programOf)),
  }
}

async function stepsOf(inputs: GuideInputs): Promise<GuidedSteps> {
  // Some switches change without an event, and are read after all else.
  await observer.reread({ docker: true })
  await observer.caughtUp({ rules: true })
  const guided = guide(inputs, observer.snapshot())
  if ('refused' in guided) throw new Error(JSON.stringify(guided.refused))
  return guided.steps.map(({ command, state }) => ({ command, state: state.kind }))
}

process.on('disconnect', async () => {
  await observer.close()
  process.exit(0)
})
process.send?.({ recovered })
