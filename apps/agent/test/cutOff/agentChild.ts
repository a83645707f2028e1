import { pino } from 'pino'
import { startAgent } from '../../src/agent.ts'
import { readConfig } from '../../src/config.ts'

// The whole agent inside a sandbox host, which it takes for its machine. Argument: the file of its policy.
const [policyFile = ''] = process.argv.slice(2)
const log = pino({ level: process.env.TEST_LOG ?? 'silent' }, pino.destination(2))
await startAgent({ ...readConfig(), policyFile }, log)
process.send?.('started')
