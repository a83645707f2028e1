import type { Bench } from '../bench.ts'
import { click } from './click.ts'
import { dots } from './dots.ts'
import { flood } from './flood.ts'
import { freshness } from './freshness.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { load } from './load.ts'
import { page } from './page.ts'
import { path } from './path.ts'
import { planning } from './planning.ts'
import { resync } from './resync.ts'
import { trace } from './trace.ts'
import { turns } from './turns.ts'
import { wire } from './wire.ts'

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  resync,
  growth,
  idle,
  freshness,
  click,
  turns,
  page,
  dots,
  planning,
  path,
  trace,
  flood,
  wire,
  load,
]
