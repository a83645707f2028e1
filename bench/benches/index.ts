import type { Bench } from '../bench.ts'
import { freshness } from './freshness.ts'
import { page } from './page.ts'

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [freshness, page]
