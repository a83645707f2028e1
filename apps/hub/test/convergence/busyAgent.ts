import { readFileSync } from 'node:fs'
import { type Neighbour, neighbourId } from '@hopscope/model'
import { Random } from '@hopscope/testkit/random'
import { AgentWithoutKernel, neighbour } from './agent.ts'

// An agent that has much to say, for `backpressure.test.ts`. Arguments: the hub's address by the cable, the Host that it wants,
// the key, milliseconds between patches. It tells its parent where it is and how much memory it takes.
const [url = '', host = '', key = '', every = '100'] = process.argv.slice(2)
/** About 100 kB of changed records. */
const CHANGED = 330

const agent = new AgentWithoutKernel({ hosts: ['busy'], random: new Random(1), url, key, headers: { host } })
let round = 0
let resident = 0
const change = () => {
  const sink = agent.stores.get('busy')?.sink
  round++
  for (let n = 0; n < CHANGED; n++) sink?.put('neighbour', entry(n))
  resident = Math.max(resident, Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]))
}
/** Longer than a real one, so that few records make a large patch. */
function entry(n: number): Neighbour {
  const one = {
    ...neighbour(n, 'REACHABLE', round),
    address: `10.0.${n}.${'1'.repeat(150)}`,
    lladdr: `${round}`.repeat(30),
  }
  return { ...one, id: neighbourId(one) }
}
const timer = setInterval(change, Number(every))

process.on('message', (message) => {
  if (message === 'stop') clearInterval(timer)
  const state = { hash: agent.hash('busy'), revision: agent.stores.get('busy')?.current().revision }
  process.send?.({ ...state, connected: agent.connected(), resident: resident * 1024 })
  resident = 0
})
process.on('disconnect', () => process.exit(0))
