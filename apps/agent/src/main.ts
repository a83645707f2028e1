import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { ZodError, z } from 'zod'
import { startAgent } from './agent.ts'
import { readConfig } from './config.ts'
import { observeInside } from './inside.ts'
import { AGENT_VERSION } from './version.ts'

const HELP = `Usage: node apps/agent/dist/agent.mjs

Observes this host's network and its sandbox hosts, and reports to the hub. Settings, all from the environment:
  HOPSCOPE_HUB_URL         where the hub is (as hub.json in HOPSCOPE_DATA says, else
                           http://127.0.0.1:HOPSCOPE_PORT, port 7117)
  HOPSCOPE_AGENT_KEY       the key that the hub made for its agents, or
  HOPSCOPE_AGENT_KEY_FILE  the file that holds it (agent.key in HOPSCOPE_DATA)
  HOPSCOPE_LOG             trace, debug, info, warn, error, fatal or silent (info)

Exit codes: 0 stopped · 1 unexpected error · 2 a setting is wrong
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, inside: { type: 'string' }, version: { type: 'boolean' } },
})
if (values.help) process.stdout.write(HELP)
else if (values.version) process.stdout.write(`${AGENT_VERSION}\n`)
else if (positionals[0] === 'observe' && values.inside !== undefined) await observeInside(values.inside)
else await runAgent()

async function runAgent(): Promise<void> {
  try {
    const config = readConfig()
    // Data goes to standard output, and this program has none.
    const log = pino({ name: 'agent', level: config.logLevel }, pino.destination(2))
    const agent = await startAgent(config, log)
    let ending = false
    const end = async (signal: string) => {
      if (ending) return
      ending = true
      log.info({ signal }, 'stopping')
      await agent.close()
      process.exit(0)
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal))
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    process.stderr.write(`A setting is wrong:\n${z.prettifyError(error)}\n`)
    process.exitCode = 2
  }
}
