import type { z } from 'zod'

export type Read<T> = { success: true; data: T } | { success: false; why: string; path: PropertyKey[] }

/**
 * Parses what somebody sent. A value can be made so hostile that looking at it throws (a `length` that is neither number nor
 * text): that is a refusal like any other.
 */
export function readMessage<T>(schema: z.ZodType<T>, raw: unknown): Read<T> {
  try {
    const parsed = schema.safeParse(raw)
    if (parsed.success) return parsed
    const [issue] = parsed.error.issues
    return { success: false, why: issue?.message ?? 'Invalid input', path: issue?.path ?? [] }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { success: false, why: error.message, path: [] }
  }
}
