// `npm run bench [-- NAME…] [-- --runs N]`: measures, keeps each run as JSON and makes the page of plots.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, Session } from './bench.ts'
import { benches } from './benches/index.ts'
import { type Figure, holds, type Report, summary } from './figure.ts'
import { limitText, page, plots, short } from './plots.ts'
import { publish } from './publish.ts'
import { keep, latest, RESULTS } from './reports.ts'

const HELP = `npm run bench [-- NAME…] [-- --runs N] [--list] [--plots] [--publish]

Measures Hopscope beside the public programs of this machine, and writes bench/results: one JSON file per run, an SVG per
plot, and index.html. Without names all benches run, one after the other. --plots only draws what was measured before;
--publish does so into docs/performance.md, too.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    list: { type: 'boolean' },
    plots: { type: 'boolean' },
    publish: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))

if (values.help) console.log(HELP)
else if (values.list) for (const { name, title } of benches) console.log(`${name.padEnd(14)} ${title}`)
else if (unknown.length) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${benches.map(({ name }) => name).join(', ')}.`)
  process.exitCode = 2
} else await main()

async function main(): Promise<void> {
  const chosen = benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (!values.plots && !values.publish) for (const bench of chosen) await measure(bench)
  await draw()
}

async function measure(bench: Bench): Promise<void> {
  const startedAt = new Date().toISOString()
  const figures: Figure[] = []
  const absent: Report['absent'] = []
  const runs = values.runs === undefined ? bench.runs : Number(values.runs)
  const session: Session = {
    runs,
    figure(figure) {
      figures.push(figure)
      console.log(line(figure))
    },
    absent(name, why) {
      absent.push({ name, why })
      console.log(`  not compared: ${name} (${why})`)
    },
    say: (text) => console.log(`  ${text}`),
  }
  console.log(`\n${bench.title}`)
  await bench.run(session)
  const { name, title, about } = bench
  const report: Report = { bench: name, title, about, startedAt, machine: machine(), commit: commit(), figures, absent }
  keep(report)
  if (figures.some((figure) => holds(figure) === false)) process.exitCode = 1
}

/** Draws the latest report of each bench. */
async function draw(): Promise<void> {
  const reports = latest(benches.map(({ name }) => name))
  for (const report of reports) {
    const svgs = [...(await plots(report)).values()]
    for (const [at, svg] of svgs.entries()) writeFileSync(`${RESULTS}${report.bench}-${at + 1}.svg`, svg)
  }
  writeFileSync(`${RESULTS}index.html`, await page(reports))
  console.log(`\nPlots: ${RESULTS}index.html`)
  if (values.publish) await publish(reports)
}

function line(figure: Figure): string {
  const { median, p95, min, max, runs } = summary(figure.samples)
  const at = figure.at ? ` at ${figure.at.value} ${figure.at.axis}` : ''
  const kept = holds(figure)
  const verdict = kept === undefined ? '' : `  ${kept ? 'ok' : 'NOT KEPT'}: ${limitText(figure)}`
  return `  ${figure.group}: ${figure.name}${at}: median ${short(median)} ${figure.unit} (${short(min)} to ${short(max)}, p95 ${short(p95)}, ${runs} runs)${verdict}`
}

function machine(): Report['machine'] {
  const all = cpus()
  return {
    cores: all.length,
    cpu: all[0]?.model ?? 'unknown',
    kernel: release().split('-')[0] ?? '',
    node: process.version,
  }
}

function commit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
}
