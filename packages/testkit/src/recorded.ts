import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type HostSnapshot, hostSnapshotSchema } from '@hopscope/model'

/** A recorded host from a file (`.json` or `.json.gz`). Throws when it cannot be read or is none. Same as `zcat file`. */
export function readRecorded(file: string | URL): HostSnapshot {
  const bytes = readFileSync(file)
  const text = (`${file}`.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return hostSnapshotSchema.parse(JSON.parse(text))
}

/** A real host with 300 containers, or one with 46 on six networks, as an agent saw it. */
export const recordedHost = (containers: 46 | 300 = 300): HostSnapshot =>
  readRecorded(new URL(`../recorded/containers-${containers}.json.gz`, import.meta.url))
