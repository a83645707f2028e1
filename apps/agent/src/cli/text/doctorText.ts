import { visible } from '@hopscope/model'
import type { DoctorReport } from '../doctor/report.ts'
import type { Paint } from '../terminal.ts'
import { type Cell, table } from './table.ts'

/** The report as tables: what is there, what is missing, and how to get it. */
export function doctorText(report: DoctorReport, paint: Paint): string {
  const part = (title: string, text: string) => `${paint('bold', title)}\n${text}`
  return [
    `${paint('bold', visible(report.host))}  ${visible(report.vantage)}`,
    part('Privileges', privileges(report, paint)),
    part('Sources', sources(report, paint)),
    part('Kernel', kernel(report, paint)),
    part('Programs', programs(report, paint)),
    part(
      'Switches',
      table(
        ['NAME', 'VALUE', 'MEANING'],
        report.switches.map((s) => [s.name, s.value, s.meaning]),
        paint,
      ),
    ),
    ...(report.running ? [part('Hub and agents', running(report.running, paint))] : []),
    conclusion(report, paint),
  ].join('\n\n')
}

const yes = (text: string): Cell => ({ text, style: 'green' })
const no = (text: string): Cell => ({ text, style: 'red' })
const half = (text: string): Cell => ({ text, style: 'yellow' })

function privileges({ node, root, capabilities }: DoctorReport, paint: Paint): string {
  const rows: Cell[][] = [
    ['Node.js', node.ok ? yes('ok') : no('too old'), node.ok ? node.version : `${node.version}; needs 20.19 or newer`],
    ['user', root ? yes('ok') : half('partly'), root ? 'root' : 'not root: much stays hidden; run it with sudo'],
    ...capabilities.map((c): Cell[] => [c.name, c.has ? yes('ok') : no('missing'), `for ${c.use}`]),
  ]
  return table(['WHAT', 'STATE', 'NOTE'], rows, paint)
}

function sources({ sources: list }: DoctorReport, paint: Paint): string {
  const words = { ok: yes('ok'), partial: half('partly'), unavailable: no('missing') }
  const rows = list.map((s): Cell[] => {
    const omitted = s.omitted ? `${s.omitted} more left out` : ''
    return [s.name, words[s.state], `${s.records}`, [s.detail, omitted, s.remedy].filter(Boolean).join(' ')]
  })
  return table(['NAME', 'STATE', 'RECORDS', 'WHY, AND WHAT TO DO'], rows, paint)
}

function kernel({ kernel: list }: DoctorReport, paint: Paint): string {
  const colour = (state: string) => (state === 'absent' ? no(state) : state === 'unknown' ? half(state) : yes(state))
  const rows = list.map((f): Cell[] => [f.name, colour(f.state), f.use, f.remedy ?? ''])
  return table(['FEATURE', 'STATE', 'FOR', 'WHAT TO DO'], rows, paint)
}

function programs({ programs: list }: DoctorReport, paint: Paint): string {
  const rows = list.map((p): Cell[] => [p.name, p.path ? yes('ok') : no('missing'), p.use, p.path ?? p.remedy ?? ''])
  return table(['PROGRAM', 'STATE', 'FOR', 'WHERE, OR HOW TO GET IT'], rows, paint)
}

function running({ state, detail, remedy, figures }: NonNullable<DoctorReport['running']>, paint: Paint): string {
  if (state !== 'running') return `${paint('yellow', state)}: ${visible([detail, remedy].filter(Boolean).join(' '))}`
  const rows = figures.map((f): Cell[] => {
    const parts = f.parts ? ` (${f.parts})` : ''
    const value = quantity(f.name, f.value)
    return [f.name, f.ok ? value : half(value), [f.meaning, parts, f.remedy && ` ${f.remedy}`].filter(Boolean).join('')]
  })
  return `running at ${visible(detail)}\n${table(['FIGURE', 'VALUE', 'WHAT IT MEANS (ITS PARTS), AND WHAT TO DO'], rows, paint)}`
}

/** A figure's value as people read it; its unit is in its name. */
function quantity(name: string, value: number): string {
  if (name.endsWith('start_time_seconds')) return new Date(value * 1000).toISOString().slice(0, 19)
  if (/_seconds(_total)?$/.test(name)) return value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(1)} s`
  if (!/_bytes(_total)?$/.test(name)) return String(Math.round(value))
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`
}

function conclusion({ sources: list }: DoctorReport, paint: Paint): string {
  const ok = list.filter((s) => s.state === 'ok').length
  if (ok === list.length) return paint('green', `All ${ok} sources can be read.`)
  const rest = list.filter((s) => s.state !== 'ok').map((s) => s.name)
  return paint('yellow', `${ok} of ${list.length} sources can be read in full; see above for ${rest.join(', ')}.`)
}
