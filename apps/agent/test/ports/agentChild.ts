import { lineOf, planCommand } from '@hopscope/command'
import { pino } from 'pino'
import { openChanging } from '../../src/execute/changing.ts'
import { startObserver } from '../../src/observer.ts'
import { agentAskSchema } from './agentInside.ts'

// Runs inside a sandbox host, as the agent does: changes it as it is asked to, and keeps its published ports.
const [folder = ''] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'ports', rootless: false } })
const changing = await openChanging(observer, { folder, log: pino({ level: process.env.HOPSCOPE_LOG ?? 'silent' }) })

process.on('message', async (raw) => {
  const ask = agentAskSchema.parse(raw)
  const who = { by: 'test', role: 'admin' } as const
  if ('undo' in ask) return process.send?.(await changing.change({ kind: 'undo', id: ask.undo, ...who }))
  const { command } = ask
  await observer.quiet()
  const planned = planCommand(command, observer.snapshot())
  const shown = 'plan' in planned ? planned.plan.steps.map(({ act }) => lineOf(observer.snapshot(), act)) : []
  process.send?.(await changing.change({ kind: 'run', command, ...who, shown }))
})
process.on('disconnect', async () => {
  changing.close()
  await observer.close()
  process.exit(0)
})
process.send?.('ready')
