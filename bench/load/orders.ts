/** What the processes full of readers are told. */
export type Order =
  | { do: 'open'; url: string; cookies: string[]; count: number }
  /** All connections break at once. */
  | { do: 'cut' }
  /** The first of them read nothing any more. */
  | { do: 'pause'; count: number }
  | { do: 'count anew' }
  /** How many hold the state of this hash; with `late` how late patches came. */
  | { do: 'tell'; hash: string; late?: boolean }

export type Answer = {
  connected: number
  equal: number
  /** Patches that did not continue what was held. */
  resyncs: number
  /** States whose hash was not what the message said, among those who check. */
  wrong: number
  /** How many patches came so many milliseconds after they were made. */
  late: [milliseconds: number, patches: number][]
}
