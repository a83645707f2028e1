import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Report, reportSchema } from './figure.ts'

/** The folder where every run stays; it is not committed. */
export const RESULTS = fileURLToPath(new URL('./results/', import.meta.url))

/** Keeps a run as JSON. */
export function keep(report: Report): void {
  mkdirSync(RESULTS, { recursive: true })
  const file = `${report.startedAt.replaceAll(':', '-').slice(0, 19)}-${report.bench}.json`
  writeFileSync(`${RESULTS}${file}`, `${JSON.stringify(report)}\n`)
}

/** The latest report of each bench, in the order of the names. */
export function latest(names: readonly string[]): Report[] {
  mkdirSync(RESULTS, { recursive: true })
  const files = readdirSync(RESULTS).filter((name) => name.endsWith('.json'))
  return names.flatMap((name) => {
    const last = files.filter((file) => file.slice('2026-01-01T00-00-00-'.length, -'.json'.length) === name).sort()
    const file = last.at(-1)
    return file === undefined ? [] : reportSchema.parse(JSON.parse(readFileSync(`${RESULTS}${file}`, 'utf8')))
  })
}
