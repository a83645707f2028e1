import { GUIDE_NAMES } from '@hopscope/protocol'
import { useQueryState } from 'nuqs'
import { z } from 'zod'
import { jsonInAddress } from '../../shell/json.ts'

const guideInAddress = z.strictObject({
  name: z.enum(GUIDE_NAMES),
  hostId: z.string().max(200),
  /** As they were typed, right or not: a reload loses nothing. */
  values: z.record(z.string().max(40), z.string().max(4_000)),
})
export type OpenGuide = z.infer<typeof guideInAddress>

const parser = jsonInAddress(guideInAddress, 20_000)

/** The guide that is open with its inputs, kept in the address (`?guide=`), so that it can be passed on as well. */
export const useOpenGuide = () => useQueryState('guide', parser)
