import { parseArgs } from 'node:util'
import { answerParent, endWhenTold, openLog } from '@hopscope/service'
import type { Logger } from 'pino'
import { ZodError, z } from 'zod'
import { startAgent } from './agent.ts'
import { type AgentConfig, readConfig } from './config.ts'
import { observeInside } from './inside.ts'
import { nextTurn } from './nextTurn.ts'
import { AGENT_VERSION } from './version.ts'

const HELP = `Usage: node apps/agent/dist/agent.mjs

Observes this host's network and its sandbox hosts, and reports to the hub. Settings, all from the environment:
  HOPSCOPE_HUB_URL         where the hub is (as hub.json in HOPSCOPE_DATA says, else
                           http://127.0.0.1:HOPSCOPE_PORT, port 7117)
  HOPSCOPE_AGENT_KEY       the key that the hub made for its agents, or
  HOPSCOPE_AGENT_KEY_FILE  the file that holds it (agent.key in HOPSCOPE_DATA)
  HOPSCOPE_METRICS_PORT    tell figures for Prometheus at http://127.0.0.1:PORT/metrics, to whoever has the key (off)
  HOPSCOPE_LOG_FILE        file for log lines instead of standard error; SIGHUP opens it anew
  HOPSCOPE_LOG             trace, debug, info, warn, error, fatal or silent (info)

Exit codes: 0 stopped · 1 unexpected error · 2 a setting is wrong
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, inside: { type: 'string' }, version: { type: 'boolean' } },
})
// Loading the program took a turn of the event loop; what it does begins in another.
performance.mark('loaded')
await nextTurn()
if (values.help) process.stdout.write(HELP)
else if (values.version) process.stdout.write(`${AGENT_VERSION}\n`)
else if (positionals[0] === 'observe' && values.inside !== undefined) await observeInside(values.inside)
else await runAgent()

async function runAgent(): Promise<void> {
  answerParent()
  try {
    const config = readConfig()
    const log = openAgentLog(config)
    if (log === undefined) return
    await nextTurn()
    const agent = await startAgent(config, log)
    endWhenTold(async () => {
      await agent.close()
      process.exit(0)
    }, log)
  } catch (error) {
    if (error instanceof ZodError) process.stderr.write(`A setting is wrong:\n${z.prettifyError(error)}\n`)
    else throw error
    process.exitCode = 2
  }
}

/** Undefined, with a message and exit code 2, when there can be no log. */
function openAgentLog({ logLevel, logFile }: AgentConfig): Logger | undefined {
  try {
    return openLog({ name: 'agent', level: logLevel, file: logFile })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const next = 'Set HOPSCOPE_LOG_FILE to a file that this user may write.'
    process.stderr.write(`The log ${logFile} cannot be opened (${why}). ${next}\n`)
    process.exitCode = 2
    return undefined
  }
}
