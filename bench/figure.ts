import { z } from 'zod'

export const unitSchema = z.enum(['ms', 's', 'MB', 'kB', '%', '×', 'count'])
export type Unit = z.infer<typeof unitSchema>

const limitSchema = z.strictObject({
  of: z.enum(['median', 'p95', 'max', 'min']),
  atMost: z.number().optional(),
  atLeast: z.number().optional(),
})

export const figureSchema = z.strictObject({
  /** Figures of one group are drawn in one plot. */
  group: z.string(),
  /** Who or what was measured; one line of the plot. */
  name: z.string(),
  unit: unitSchema,
  /** One number per run, in the order of the runs. */
  samples: z.array(z.number()).min(1),
  /** Where it stands on a growing axis, such as the number of namespaces; a group that has it is drawn as lines. */
  at: z.strictObject({ axis: z.string(), value: z.number() }).optional(),
  /** What it has to keep to. */
  limit: limitSchema.optional(),
})
/** One thing that was measured several times. */
export type Figure = z.infer<typeof figureSchema>

export const reportSchema = z.strictObject({
  bench: z.string(),
  title: z.string(),
  /** How the figures came about, in a few sentences. */
  about: z.string(),
  startedAt: z.string(),
  machine: z.strictObject({ cores: z.number(), cpu: z.string(), kernel: z.string(), node: z.string() }),
  commit: z.string(),
  figures: z.array(figureSchema),
  /** Programs to compare with that are not on this machine, or cannot do it, and why. */
  absent: z.array(z.strictObject({ name: z.string(), why: z.string() })),
})
export type Report = z.infer<typeof reportSchema>

export type Summary = { runs: number; min: number; median: number; p95: number; max: number }

/** Nearest-rank statistics; the median of an even number of samples is the mean of the middle two. */
export function summary(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const half = sorted.length / 2
  return {
    runs: sorted.length,
    min: at(0),
    median: (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2,
    p95: at(Math.ceil(sorted.length * 0.95) - 1),
    max: at(sorted.length - 1),
  }
}

/** Undefined when the figure has no limit. */
export function holds({ samples, limit }: Figure): boolean | undefined {
  if (!limit) return undefined
  const value = summary(samples)[limit.of]
  return value <= (limit.atMost ?? Number.POSITIVE_INFINITY) && value >= (limit.atLeast ?? Number.NEGATIVE_INFINITY)
}
