import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { type Figure, holds, type Report, summary } from './figure.ts'

const WIDTH = 560
/** A wider range is drawn on a logarithmic axis. */
const LOG_FROM = 30

/** One SVG for each group of figures, by the group's name. */
export async function plots(report: Report): Promise<Map<string, string>> {
  const svgs = new Map<string, string>()
  for (const [group, figures] of grouped(report.figures)) {
    const spec = figures.some(({ at }) => at) ? lines(figures) : strips(figures)
    const view = new View(parse(compile(spec).spec), { renderer: 'none' })
    svgs.set(group, await view.toSVG())
    view.finalize()
  }
  return svgs
}

export function grouped(figures: readonly Figure[]): Map<string, Figure[]> {
  const groups = new Map<string, Figure[]>()
  for (const figure of figures) groups.set(figure.group, [...(groups.get(figure.group) ?? []), figure])
  return groups
}

/** A page that needs nothing but itself: the plots of each report, and every figure as a row. */
export async function page(reports: readonly Report[]): Promise<string> {
  const sections = await Promise.all(reports.map(section))
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hopscope: measured</title><style>${STYLE}</style>
<h1>Hopscope: measured</h1>${sections.join('\n')}</html>\n`
}

async function section(report: Report): Promise<string> {
  const { title, about, machine, startedAt, commit, absent, figures } = report
  const svgs = [...(await plots(report))].map(
    ([group, svg]) => `<figure><figcaption>${escaped(group)}</figcaption>${svg}</figure>`,
  )
  const missing = absent.map(({ name, why }) => `<p>Not compared: <b>${escaped(name)}</b> (${escaped(why)}).</p>`)
  return `<section><h2>${escaped(title)}</h2><p>${escaped(about)}</p>
<p class="machine">${escaped(`${startedAt}, ${commit}; ${machine.cores} cores ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}`)}</p>
${svgs.join('')}<table><tr><th>figure<th>runs<th>min<th>median<th>p95<th>max<th>unit<th>limit</tr>${figures.map(row).join('')}</table>${missing.join('')}</section>`
}

function row(figure: Figure): string {
  const { runs, min, median, p95, max } = summary(figure.samples)
  const name = `${figure.group}: ${figure.name}${figure.at ? ` at ${figure.at.value} ${figure.at.axis}` : ''}`
  const cells = [runs, ...[min, median, p95, max].map(short)].map((value) => `<td>${value}`).join('')
  return `<tr class="${holds(figure) === false ? 'broken' : ''}"><td>${escaped(name)}${cells}<td>${figure.unit}<td>${escaped(limitText(figure))}</tr>`
}

/** "median ≤ 100", or nothing. */
export function limitText({ limit }: Figure): string {
  if (!limit) return ''
  const parts = [
    limit.atMost === undefined ? '' : `≤ ${limit.atMost}`,
    limit.atLeast === undefined ? '' : `≥ ${limit.atLeast}`,
  ]
  return `${limit.of} ${parts.filter(Boolean).join(', ')}`
}

/** Three significant digits. */
export const short = (value: number): string => `${Number(value.toPrecision(3))}`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** Every run as a tick, the median as a bar. */
function strips(figures: readonly Figure[]): TopLevelSpec {
  const runs = figures.flatMap(({ name, samples }) => samples.map((value) => ({ name, value })))
  const limits = figures.flatMap(({ name, limit }) => {
    const value = limit?.atMost ?? limit?.atLeast
    return value === undefined ? [] : [{ name, value }]
  })
  const x = {
    field: 'value',
    type: 'quantitative',
    title: unitOf(figures),
    scale: scaleOf(runs.map((run) => run.value)),
  } as const
  const y = { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 260 } } as const
  return {
    ...FRAME,
    height: { step: 26 },
    layer: [
      { data: { values: runs }, mark: { type: 'tick', opacity: 0.55 }, encoding: { x, y } },
      {
        data: { values: runs },
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: { x: { ...x, aggregate: 'median' }, y },
      },
      {
        data: { values: limits },
        mark: { type: 'tick', color: LIMIT, thickness: 2, size: 22 },
        encoding: { x, y },
      },
    ],
  }
}

/** Medians along the axis, with the range of the runs. */
function lines(figures: readonly Figure[]): TopLevelSpec {
  const runs = figures.flatMap(({ name, samples, at }) => samples.map((value) => ({ name, value, at: at?.value ?? 0 })))
  const axis = figures.find(({ at }) => at)?.at?.axis ?? ''
  const x = { field: 'at', type: 'quantitative', title: axis } as const
  const y = {
    field: 'value',
    type: 'quantitative',
    title: unitOf(figures),
    scale: scaleOf(runs.map((run) => run.value)),
  } as const
  const color = { field: 'name', type: 'nominal', title: null, sort: null, legend: { labelLimit: 320 } } as const
  return {
    ...FRAME,
    height: 240,
    data: { values: runs },
    layer: [
      { mark: { type: 'errorband', extent: 'iqr', opacity: 0.2 }, encoding: { x, y, color } },
      { mark: { type: 'line', point: true }, encoding: { x, y: { ...y, aggregate: 'median' }, color } },
    ],
  }
}

const unitOf = (figures: readonly Figure[]): string => [...new Set(figures.map(({ unit }) => unit))].join(', ')

function scaleOf(values: readonly number[]) {
  const least = Math.min(...values)
  const wide = least > 0 && Math.max(...values) / least > LOG_FROM
  return wide ? ({ type: 'log' } as const) : ({ zero: true } as const)
}

const LIMIT = '#c2410c'
const FRAME = { width: WIDTH, background: 'white', config: { font: 'sans-serif', mark: { color: '#0f766e' } } } as const
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1917}
figure{margin:1rem 0;overflow-x:auto}table{border-collapse:collapse;font-size:13px}td,th{padding:2px 10px 2px 0;text-align:left}
td+td{font-variant-numeric:tabular-nums}.machine{color:#57534e;font-size:13px}.broken{color:#c2410c;font-weight:600}`
