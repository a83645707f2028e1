import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Figure, holds, type Report, summary } from './figure.ts'
import { limitText, plots, short } from './plots.ts'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))

/** Writes docs/performance.md and its plots from the latest runs. */
export async function publish(reports: readonly Report[]): Promise<void> {
  rmSync(`${docs}performance`, { recursive: true, force: true })
  mkdirSync(`${docs}performance`)
  const sections: string[] = []
  for (const report of reports) sections.push(await section(report))
  writeFileSync(`${docs}performance.md`, `${HEAD}\n${sections.join('\n')}`)
}

const HEAD = `# Performance

Made by \`npm run bench\` and \`npm run bench -- --publish\`, as root on a machine with Docker. Where there are programs to compare
with, they run in turn in the same run. Shown are medians; the runs are counted, and where there was one, it is one. The machine is shared
and machines differ, so read ratios before milliseconds.
`

async function section(report: Report): Promise<string> {
  const { bench, title, about, machine, startedAt, figures, absent } = report
  const pictures: string[] = []
  for (const [at, [group, svg]] of [...(await plots(report))].entries()) {
    const file = `performance/${bench}-${at + 1}.svg`
    writeFileSync(`${docs}${file}`, svg)
    pictures.push(`![${group}](${file})\n`)
  }
  const where = `${startedAt.slice(0, 10)}, ${machine.cores} cores ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}`
  const missing = absent.map(({ name, why }) => `Not compared: ${name} (${why}).\n`)
  return [
    `## ${title}\n`,
    `${about}\n`,
    `\`npm run bench -- ${bench}\`: ${where}\n`,
    ...pictures,
    '| figure | median | p95 | runs | asked for | |\n|---|---|---|---|---|---|',
    `${figures.map(row).join('\n')}\n`,
    ...missing,
  ].join('\n')
}

function row(figure: Figure): string {
  const { median, p95, runs } = summary(figure.samples)
  const at = figure.at ? `, ${figure.at.value} ${figure.at.axis}` : ''
  const kept = holds(figure)
  const verdict = kept === undefined ? '' : kept ? 'kept' : '**not kept**'
  const cells = [
    `${figure.group}: ${figure.name}${at}`,
    ...[median, p95].map((value) => `${short(value)} ${figure.unit}`),
  ]
  return `| ${[...cells, runs, limitText(figure), verdict].join(' | ')} |`
}
