import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { agree, flowText, predictFlow, recordedSchema } from './sending.ts'

const folder = new URL('./recorded/', import.meta.url)

/** Random hosts and packets that were really sent there ("npm run check:paths -- --keep FOLDER"), without root. */
describe('predictions on recorded hosts', () => {
  it.each(readdirSync(folder))('%s', (file) => {
    const text = gunzipSync(readFileSync(new URL(file, folder))).toString('utf8')
    const { snapshot, cases } = recordedSchema.parse(JSON.parse(text))
    const compared = cases.map(({ flow, sent }) => ({ flow, sent, predicted: predictFlow(snapshot, flow) }))
    const wrong = compared.filter(({ predicted, sent }) => !agree(predicted, sent))
    expect(
      wrong.map((one) => `${flowText(one.flow)} was ${one.sent}: ${JSON.stringify(one.predicted.outcome)}`),
    ).toEqual([])
    const known = compared.filter(({ predicted }) => predicted.outcome.verdict !== 'undetermined')
    expect(known.length).toBeGreaterThan(0.9 * cases.length)
  })
})
