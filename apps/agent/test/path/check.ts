import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { namerOf, sayHop, sayOutcome } from '@hopscope/path'
import { createSandbox } from '@hopscope/sandbox'
import { observe } from '../oracle/observed.ts'
import { Dice } from './dice.ts'
import { proveAll } from './proving.ts'
import { makeRandomHost, randomFlows } from './randomHost.ts'
import { type Compared, compare, flowText } from './sending.ts'

// Random hosts and random packets: each is predicted, and then really sent. Run by "npm run check:paths".
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    sandboxes: { type: 'string', default: '5' },
    flows: { type: 'string', default: '50' },
    /** So many of them are traced as well, and rules, NAT and links compared. */
    prove: { type: 'string', default: '0' },
    /** A folder for hosts where something was wrong; with --all for every host. */
    keep: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const totals = { proven: 0, different: 0, flows: 0, wrong: 0, undetermined: 0, verdicts: new Map<string, number>() }
for (let seed = first; seed < first + Number(values.sandboxes); seed++) await checkSeed(seed)
const { flows, wrong, undetermined, verdicts } = totals
const percent = ((100 * undetermined) / Math.max(1, flows)).toFixed(1)
console.log(`${flows} flows: ${wrong} wrong, ${undetermined} undetermined (${percent} %)`)
console.log([...verdicts].map(([verdict, n]) => `${verdict} ${n}`).join(', '))
if (totals.proven > 0) console.log(`${totals.proven} ways traced: ${totals.different} differ from what was predicted`)
process.exit(wrong + totals.different === 0 ? 0 : 1)

async function checkSeed(seed: number): Promise<void> {
  const random = new Dice(seed)
  const sandbox = await createSandbox({ name: `paths-${seed}`, docker: false })
  try {
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    const made = await makeRandomHost(sandbox, random)
    const observation = await observe(host)
    const { snapshot } = await observation.audit()
    const compared = await compare(sandbox, snapshot, randomFlows(made, random, Number(values.flows)))
    await observation.close()
    for (const one of compared) count(one)
    const traceable = compared.filter(
      ({ flow, predicted }) => flow.from !== 'outside' && predicted.outcome.verdict !== 'undetermined',
    )
    const proven = await proveAll(
      host,
      snapshot,
      traceable.slice(0, Number(values.prove)).map(({ flow }) => flow),
    )
    totals.proven += proven.compared
    totals.different += proven.different.length
    for (const one of proven.different) console.log(`  ${one}`)
    const cases = compared.map(({ flow, sent }) => ({ flow, sent }))
    const bad = compared.filter(({ right }) => !right)
    console.log(`seed ${seed}: ${compared.length} flows, ${bad.length} wrong`)
    if (values.keep !== undefined && (bad.length > 0 || values.all)) keep(values.keep, seed, { snapshot, cases })
    if (bad.length === 0) return
    console.log(made.done.map((line) => `  ${line}`).join('\n'))
    const namer = namerOf(snapshot)
    for (const { flow, sent, predicted } of bad) {
      console.log(`  ${flowText(flow)}: predicted ${predicted.outcome.verdict}, was ${sent}`)
      for (const way of [predicted.forward, predicted.back]) {
        if (!way) continue
        for (const hop of way.hops) console.log(`    ${sayHop(hop, 'en', namer)}`)
        console.log(`    ${sayOutcome(way.outcome, 'en', namer)}`)
      }
    }
  } finally {
    await sandbox.down()
  }
}

function count({ predicted, right }: Compared): void {
  const { verdict, reason, what } = predicted.outcome
  totals.flows += 1
  if (!right) totals.wrong += 1
  if (verdict === 'undetermined') totals.undetermined += 1
  const why = verdict === 'undetermined' ? `: ${what}` : ''
  const key = reason === undefined ? verdict : `${verdict} ${reason}${why}`
  totals.verdicts.set(key, (totals.verdicts.get(key) ?? 0) + 1)
}

/** A failing seed becomes a recorded host that tests replay without root. */
function keep(folder: string, seed: number, found: unknown): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `seed-${seed}.json.gz`), gzipSync(JSON.stringify(found)))
}
