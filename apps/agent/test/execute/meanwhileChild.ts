import { lineOf, planCommand } from '@hopscope/command'
import { type Command, commandSchema } from '@hopscope/protocol'
import { z } from 'zod'
import { createExecutor } from '../../src/execute/executor.ts'
import { openKeptPorts } from '../../src/execute/keptPorts.ts'
import { startObserver } from '../../src/observer.ts'
import { run } from '../../src/run.ts'

// Runs inside a sandbox host: several people who saw the same state run a command each at once, or somebody at a shell is faster.
const [folder = ''] = process.argv.slice(2)
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'meanwhile', rootless: false } })
const askSchema = z.strictObject({ commands: z.array(commandSchema), meanwhile: z.array(z.string()).optional() })

process.on('message', async (raw) => {
  const { commands, meanwhile } = askSchema.parse(raw)
  await observer.quiet()
  const seen = observer.snapshot()
  // Between the plan and its first step there is hardly time: the plan is made from what was there before.
  const host = meanwhile ? { snapshot: () => seen, caughtUp: async () => undefined } : observer
  if (meanwhile) await run(meanwhile)
  const executor = createExecutor({ host, folder, ports: openKeptPorts(`${folder}/ports`) })
  const shown = (command: Command) => {
    const planned = planCommand(command, seen)
    return 'refused' in planned ? [] : planned.plan.steps.map(({ act }) => lineOf(seen, act))
  }
  const answers = commands.map((command, i) =>
    executor.run(command, `operator ${i}`, { agreed: { shown: shown(command), role: 'operator' } }),
  )
  process.send?.(await Promise.all(answers))
})
process.on('disconnect', async () => {
  await observer.close()
  process.exit(0)
})
process.send?.('ready')
