import pino from 'pino'
import { HELP, readConfig } from './config.ts'
import { startHub } from './hub.ts'
import { EXIT_CODES, StartError } from './startError.ts'

if (process.argv.includes('--help')) process.stdout.write(HELP)
else await main()

async function main(): Promise<void> {
  // The database and the keys are for this user only.
  process.umask(0o077)
  try {
    const config = readConfig(process.env)
    const log = pino({ level: config.logLevel }, pino.destination(2))
    const hub = await startHub(config, { now: Date.now, log })
    const { link, publicLink } = await hub.link()
    process.stdout.write(`Hopscope is ready: ${link}\n`)
    if (publicLink) process.stdout.write(`From elsewhere: ${publicLink}\n`)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'stopping')
        void hub.close()
      })
    }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CODES[error.code]
  }
}
