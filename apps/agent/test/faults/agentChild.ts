import { pino } from 'pino'
import { openHubLink } from '../../src/hubLink.ts'
import { watchSandboxes } from '../../src/sandboxes.ts'
import { systemScheduler } from '../../src/scheduler.ts'
import { createVantages } from '../../src/vantages.ts'

// An agent that leaves the machine alone: it observes the hosts of one sandbox. Arguments: the hub's address, the key, the sandbox.
const [url = '', key = '', name = ''] = process.argv.slice(2)
const log = pino({ level: process.env.TEST_LOG ?? 'silent' }, pino.destination(2))
const link = openHubLink({ findHub: () => url, readKey: () => key, keyPlace: 'the arguments', log })
const vantages = createVantages(link, systemScheduler, log)
watchSandboxes(systemScheduler, (hosts) => vantages.set(hosts.filter(({ sandbox }) => sandbox === name)))
