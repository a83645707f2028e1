// Observes the host that it was started in, and reads everything again whenever it is asked to.
import { createInterface } from 'node:readline'
import { RECORD_KINDS } from '@hopscope/model'
import { startObserver } from '../../apps/agent/src/observer.ts'

const observer = await startObserver({
  vantage: { kind: 'sandbox', sandbox: 'bench', rootless: false },
  // What it does by itself at its own times is another bench's matter.
  scheduler: { after: (milliseconds, act) => later(milliseconds, act), every: () => () => undefined },
})
/** Milliseconds. */
const WAITING = 100
const AWAKE = 300
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
say('ready')

for await (const request of createInterface({ input: process.stdin })) {
  if (request === 'counts') say(counts())
  else if (request === 'reread, changes') say(await changes())
  else if (request === 'reread') say(await timed(() => observer.reread()))
  else if (request === 'rereads') say(await oneOfMany(() => observer.reread()))
  else if (request === 'reread with docker') say(await timed(() => observer.reread({ docker: true })))
  else if (request === 'reread, decoded') say(await timed(() => observer.reread({ decoded: true })))
  else if (request === 'reread with docker, decoded')
    say(await timed(() => observer.reread({ docker: true, decoded: true })))
  else if (request === 'memory') say(memory())
  else throw new Error(`unknown request: ${request}`)
}
await observer.close()
process.exit(0)

function later(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds).unref()
  return () => clearTimeout(timer)
}

async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await act()
  const took = performance.now() - began
  // What can wait until the main tables are read follows by itself; it shall not run beside the others.
  await new Promise((resolve) => setTimeout(resolve, WAITING))
  return took
}

/** Milliseconds that one takes of those that follow each other for a third of a second. */
async function oneOfMany(act: () => Promise<void>): Promise<number> {
  let count = 0
  const all = await timed(async () => {
    for (const began = performance.now(); count === 0 || performance.now() - began < AWAKE; count++) await act()
  })
  return all / count
}

/** In how many namespaces a table said something else than before. */
async function changes(): Promise<number> {
  const before = observer.stats().reads ?? 0
  await observer.reread()
  return (observer.stats().reads ?? 0) - before
}

/** Records of each kind. */
function counts(): Record<string, number> {
  const { records } = observer.snapshot()
  return Object.fromEntries(RECORD_KINDS.map((kind) => [kind, Object.keys(records[kind]).length]))
}

/** Megabytes of the whole process. */
function memory(): number {
  return process.memoryUsage.rss() / 2 ** 20
}
