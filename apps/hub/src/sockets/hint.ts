import { type AnyRecord, RECORD_KINDS, type Records } from '@hopscope/model'
import type { Mark } from '@hopscope/protocol'
import { encode } from './frame.ts'

// Of each kind; those that came last are like those that come next.
const SOME = 4
// One container may have labels without end.
const LARGEST = 1536

/** What a patch of the host could say: some records of each kind in the words of a patch. It is never applied. */
export function hintOf({ hostId, version: { epoch, revision }, hash }: Mark, records: Records): string {
  const some = RECORD_KINDS.flatMap((kind) => {
    const last: AnyRecord[] = Object.values(records[kind]).slice(-SOME)
    const put = last.filter((record) => JSON.stringify(record).length <= LARGEST)
    return put.length ? [[kind, { put }] as const] : []
  })
  return encode('patch', { hostId, epoch, from: revision, to: revision, hash, diff: Object.fromEntries(some) }).text
}
