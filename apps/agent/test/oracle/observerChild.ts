import { readdirSync } from 'node:fs'
import { startObserver } from '../../src/observer.ts'

// Runs inside a sandbox host; answers each message with what it sees once nothing is left to do.
const observer = await startObserver({ vantage: { kind: 'sandbox', sandbox: 'oracle', rootless: false } })
process.on('message', async () => {
  await observer.quiet()
  const descriptors = readdirSync('/proc/self/fd').length
  process.send?.({ snapshot: observer.snapshot(), descriptors, stats: observer.stats() })
})
process.on('disconnect', async () => {
  await observer.close()
  process.exit(0)
})
process.send?.('ready')
