import { createParser } from 'nuqs'
import { z } from 'zod'

/** What a text in JSON says; one that is none stands for itself, which no schema of an object or a list takes. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return String(error)
  }
}

/** A state that the address keeps as JSON, of at most `longest` characters; whatever else stands there is taken for none. */
export function jsonInAddress<T>(schema: z.ZodType<T>, longest: number) {
  const text = z.string().max(longest).transform(fromJson).pipe(schema)
  return createParser<T>({
    parse: (value) => text.safeParse(value).data ?? null,
    serialize: (state) => JSON.stringify(state),
    eq: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  })
}
