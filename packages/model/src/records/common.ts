import { z } from 'zod'

export const family = z.enum(['inet', 'inet6'])
export type Family = z.infer<typeof family>

/** Ids are made here only; nobody else joins strings to ids. */
export const netnsId = (inode: number): string => `ns:${inode}`
export const linkId = (netns: string, ifindex: number): string => `link:${netns.slice(3)}:${ifindex}`
export const part = (netns: string): string => netns.slice(3)

/** Every record is flat, has an id that is unique on its host, and (but for host-wide ones) names its namespace. */
export const inNetns = { id: z.string(), netns: z.string() }

/**
 * Texts by names that anybody may choose, such as labels. z.record would leave the name `__proto__` out, and what one side
 * leaves out changes the hash of the state; these objects come from JSON, which makes it a name like any other.
 */
export const textsByName = z
  .unknown()
  .refine(isTexts, 'must be an object of texts')
  // For the JSON Schema, which cannot be told from a function.
  .meta({ type: 'object', additionalProperties: { type: 'string' } }) as unknown as z.ZodType<Record<string, string>>

function isTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((text) => typeof text === 'string')
}
