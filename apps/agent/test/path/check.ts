import { mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { namerOf, sayHop, sayOutcome } from '@hopscope/path'
import { createSandbox, isAlive, listSandboxes, sweepSandbox } from '@hopscope/sandbox'
import { nextSignal } from '../../src/cli/nextSignal.ts'
import { observe } from '../oracle/observed.ts'
import { Dice } from './dice.ts'
import { prove, traceAll } from './proving.ts'
import { makeRandomHost, randomFlows } from './randomHost.ts'
import { type Compared, compare, flowText } from './sending.ts'
import { askAround } from './whoHas.ts'

// Random hosts and random packets: each is predicted, and then really sent and traced: what became of it is compared, and rules, NAT and
// links on its way and the answer's. Run by "npm run check:paths".
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    sandboxes: { type: 'string', default: '5' },
    flows: { type: 'string', default: '50' },
    /** Questions of ARP, which take a second each. */
    asked: { type: 'string', default: '8' },
    /** Hosts with IPv6 beside IPv4. */
    dual: { type: 'boolean', default: false },
    /** A folder for hosts where something was wrong; with --all for every host. */
    keep: { type: 'string' },
    all: { type: 'boolean', default: false },
    /** Names the ways that were not seen whole. */
    unseen: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const totals = {
  ways: 0,
  different: 0,
  unseen: 0,
  flows: 0,
  asked: 0,
  wrong: 0,
  undetermined: 0,
  verdicts: new Map<string, number>(),
}
await sweepLeft()
const signal = nextSignal()
let at = first
const ended = await Promise.race([checkAll(), signal.came])
if (ended !== 'all') {
  console.log(`${ended}: removing ${nameOf(at)}`)
  await sweepSandbox(nameOf(at))
  process.exit(128 + constants.signals[ended])
}
const { flows, wrong, undetermined, verdicts } = totals
const percent = ((100 * undetermined) / Math.max(1, flows)).toFixed(1)
console.log(`${flows} flows: ${wrong} wrong, ${undetermined} undetermined (${percent} %)`)
console.log([...verdicts].map(([verdict, n]) => `${verdict} ${n}`).join(', '))
console.log(
  `${totals.ways} ways traced and ${totals.asked} questions of ARP proven: ${totals.different} differ from what was predicted; ${totals.unseen} not seen whole`,
)
process.exit(wrong + totals.different === 0 ? 0 : 1)

async function checkAll(): Promise<'all'> {
  for (; at < first + Number(values.sandboxes) && !signal.hasCome(); at++) await checkSeed(at)
  return 'all'
}

function nameOf(seed: number): string {
  return `paths-${seed}`
}

/** Removes what a run left behind that was killed. */
async function sweepLeft(): Promise<void> {
  for (const { name, record } of await listSandboxes()) {
    if (!/^paths-\d+$/.test(name) || !record || isAlive(record.maker)) continue
    console.log(`removing ${name}, whose run was killed`)
    await sweepSandbox(name)
  }
}

async function checkSeed(seed: number): Promise<void> {
  const random = new Dice(seed)
  const sandbox = await createSandbox({ name: nameOf(seed), docker: false })
  try {
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    const made = await makeRandomHost(sandbox, random, values.dual)
    const observation = await observe(host)
    const { snapshot } = await observation.audit()
    const asked = randomFlows(made, random, Number(values.flows))
    const traced = await traceAll(host, () => compare(sandbox, snapshot, asked))
    await observation.close()
    const who = await askAround(host, made, new Dice(7919 * seed), Number(values.asked))
    const compared = traced.result
    for (const one of compared) count(one)
    totals.asked += who.verdicts.length
    for (const one of who.verdicts) totals.verdicts.set(one, (totals.verdicts.get(one) ?? 0) + 1)
    const { unseen, compared: ways, ...proven } = prove(snapshot, compared, traced.stories)
    const different = [...proven.different, ...who.different]
    totals.ways += ways
    totals.different += different.length
    totals.unseen += unseen.length
    for (const one of different) console.log(`  ${one}`)
    if (values.unseen) for (const one of unseen) console.log(`  not seen whole: ${one}`)
    const cases = compared.map(({ flow, sent }) => ({ flow, sent }))
    const bad = compared.filter(({ right }) => !right)
    console.log(
      `seed ${seed}: ${compared.length} flows, ${bad.length} wrong; ${ways} ways and ${who.verdicts.length} questions of ARP, ${different.length} different`,
    )
    if (values.keep !== undefined && (bad.length > 0 || values.all)) keep(values.keep, seed, { snapshot, cases })
    if (bad.length + different.length === 0) return
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
