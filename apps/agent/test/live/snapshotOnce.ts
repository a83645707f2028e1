import { startObserver } from '../../src/observer.ts'

// Prints one snapshot of wherever it is started.
const observer = await startObserver({ vantage: { kind: 'host' } })
await observer.quiet()
process.stdout.write(JSON.stringify(observer.snapshot()), async () => {
  await observer.close()
  process.exit(0)
})
