import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { guide } from '@hopscope/command'
import { createExecutor } from '../../src/execute/executor.ts'
import { openKeptPorts } from '../../src/execute/keptPorts.ts'
import { startObserver } from '../../src/observer.ts'
import { run } from '../../src/run.ts'
import { type Ask, askSchema, guideAskSchema } from './executing.ts'

// Runs inside a sandbox host, as the agent does, and changes it; a program can be told to fail, or this process to die beside it.
const [folder = ''] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'changes', rootless: false } })
let fault: Ask['fault']
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
const recovered = await executor.recover()

process.on('message', async (raw) => {
  const asked = guideAskSchema.safeParse(raw)
  if (asked.success) {
    // Some switches change without an event.
    await observer.reread({ docker: true })
    const guided = guide(asked.data.inputs, observer.snapshot())
    if ('refused' in guided) throw new Error(JSON.stringify(guided.refused))
    process.send?.({ steps: guided.steps.map(({ command, state }) => ({ command, state: state.kind })) })
    return
  }
  const ask = askSchema.parse(raw)
  fault = ask.fault
  calls = 0
  const answer = ask.kind === 'run' ? await executor.run(ask.command, 'test') : await executor.undo(ask.id, 'test')
  process.send?.({ answer, calls, descriptors: readdirSync('/proc/self/fd').length })
})
process.on('disconnect', async () => {
  await observer.close()
  process.exit(0)
})
process.send?.({ recovered })
