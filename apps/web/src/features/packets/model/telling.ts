import type { HostSnapshot } from '@hopscope/model'
import type { Namer } from '@hopscope/path'

/** What hops are told with: the host they are of, as it is known, and what things are called. */
export type Telling = { hostId: string; snapshot: HostSnapshot; namer: Namer }
