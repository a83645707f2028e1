import type { Proof } from '../../src/capture/proof.ts'

/** What only one side has, the prediction or what was seen. */
export const differences = (way: Proof['forward']) =>
  way?.comparison.rows.filter(({ predicted, observed }) => predicted === undefined || observed === undefined)
