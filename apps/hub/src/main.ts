import { answerParent, endWhenTold, openLog } from '@hopscope/service'
import type { Logger } from 'pino'
import { auditCommand } from './audit/command.ts'
import { type Config, HELP, readConfig } from './config.ts'
import { startHub } from './hub.ts'
import { EXIT_CODES, StartError } from './startError.ts'

const [command, ...args] = process.argv.slice(2)
if (process.argv.includes('--help')) process.stdout.write(HELP)
else await (command === 'audit' ? audit() : main()).catch(failed)

async function audit(): Promise<void> {
  process.exitCode = await auditCommand(readConfig(process.env).dataDir, args, (text) => process.stdout.write(text))
}

async function main(): Promise<void> {
  // The database and the keys are for this user only.
  process.umask(0o077)
  answerParent()
  const config = readConfig(process.env)
  const log = openHubLog(config)
  const hub = await startHub(config, { now: Date.now, log })
  const { link, publicLink } = await hub.link().catch(async (error: unknown) => {
    await hub.close()
    throw error
  })
  performance.mark('loaded')
  process.stdout.write(`Hopscope is ready: ${link}\n`)
  if (publicLink) process.stdout.write(`From elsewhere: ${publicLink}\n`)
  endWhenTold(hub.close, log)
}

/** What a person can put right is one sentence; anything else is a fault of ours. */
function failed(error: unknown): void {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_CODES[error.code]
}

function openHubLog({ logLevel, logFile }: Config): Logger {
  try {
    return openLog({ name: 'hub', level: logLevel, file: logFile })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The log ${logFile} cannot be opened (${why}). Set HOPSCOPE_LOG_FILE to a file that this user may write.`
    throw new StartError('CONFIG_WRONG', message, { cause })
  }
}
