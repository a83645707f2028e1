import { GUIDE_NAMES } from '@hopscope/protocol'
import { createParser, useQueryState } from 'nuqs'
import { z } from 'zod'

const guideInAddress = z.strictObject({
  name: z.enum(GUIDE_NAMES),
  hostId: z.string().max(200),
  /** As they were typed, right or not: a reload loses nothing. */
  values: z.record(z.string().max(40), z.string().max(4_000)),
})
export type OpenGuide = z.infer<typeof guideInAddress>

const parser = createParser<OpenGuide>({
  parse(text) {
    const read = z.string().max(20_000).transform(parsed).pipe(guideInAddress).safeParse(text)
    return read.success ? read.data : null
  },
  serialize: (guide) => JSON.stringify(guide),
  eq: (a, b) => JSON.stringify(a) === JSON.stringify(b),
})

/** The guide that is open with its inputs, kept in the address (`?guide=`), so that it can be passed on as well. */
export const useOpenGuide = () => useQueryState('guide', parser)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return String(error) // which is no guide
  }
}
