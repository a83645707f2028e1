import { z } from 'zod'
import type { Answers } from '../../../api/client.ts'

type Line = Answers['audit']['list'][number]
type Entry = NonNullable<Line['entry']>
export type Asked = Extract<Entry, { kind: 'asked' }>
export type Came = Extract<Entry, { kind: 'came' }>
// The hub keeps what was asked for as it came; another version may have asked for other things.
const wantedSchema = z.object({
  kind: z.string(),
  id: z.string().optional(),
  command: z.record(z.string(), z.unknown()).optional(),
  shown: z.array(z.string()).optional(),
  /** Of a tracing, and of a proof. */
  filter: z.string().optional(),
  limit: z.record(z.string(), z.unknown()).optional(),
  query: z.record(z.string(), z.unknown()).optional(),
})
/** A request to change something, what it was for as far as this page understands it, and what came of it if that is known. */
export type PastRequest = { asked: Asked; wanted: z.infer<typeof wantedSchema> | undefined; came: Came | undefined }

/** The requests in lines of the audit, which come newest first: what came of one stands before it. */
export function requestsOf(lines: readonly Line[]): PastRequest[] {
  const came = new Map<number, Came>()
  const requests: PastRequest[] = []
  for (const { entry } of lines) {
    if (entry?.kind === 'came') came.set(entry.asked, entry)
    else if (entry?.kind === 'asked') {
      const wanted = wantedSchema.safeParse(entry.request).data
      requests.push({ asked: entry, wanted, came: came.get(entry.seq) })
    }
  }
  return requests
}

/** A command's arguments by name, those within another one too: `peer.netns`. */
export function argumentsOf(command: Readonly<Record<string, unknown>>, path = ''): [name: string, value: string][] {
  return Object.entries(command).flatMap(([key, value]): [string, string][] => {
    if (path === '' && key === 'do') return []
    // An object's own keys; what else it could be was told apart.
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return argumentsOf(value as Record<string, unknown>, `${path}${key}.`)
    return [[`${path}${key}`, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}
