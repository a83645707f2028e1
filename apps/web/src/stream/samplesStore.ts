import type { Samples, SampleTopic } from '@hopscope/model'

type Values<T extends SampleTopic> = NonNullable<Samples[T]>
/** The latest sample of one topic and the one before it, from which rates follow. `at` in ms by the agent's clock. */
export type Sampled<T extends SampleTopic> = {
  at: number
  values: Values<T>
  previous?: { at: number; values: Values<T> }
}

/** Counters: kept apart from structure, asked for only while somebody looks. */
export class SamplesStore {
  #held = new Map<string, Sampled<SampleTopic>>()
  #watchers = new Map<string, Map<SampleTopic, number>>()
  #onWatch: (hostId: string, topics: SampleTopic[]) => void

  constructor(onWatch: (hostId: string, topics: SampleTopic[]) => void) {
    this.#onWatch = onWatch
  }

  get<T extends SampleTopic>(hostId: string, topic: T): Sampled<T> | undefined {
    // Stored under a key that holds the topic: the values are that topic's.
    return this.#held.get(key(hostId, topic)) as Sampled<T> | undefined
  }

  receive(samples: Samples): void {
    for (const topic of TOPICS) {
      const values = samples[topic]
      if (!values) continue
      const was = this.#held.get(key(samples.hostId, topic))
      const previous = was && was.at < samples.at ? { at: was.at, values: was.values } : undefined
      this.#held.set(key(samples.hostId, topic), { at: samples.at, values, ...(previous && { previous }) })
    }
  }

  /** Starts watching; the returned function ends it. The hub is told when the first comes and the last goes. */
  watch(hostId: string, topic: SampleTopic): () => void {
    this.#count(hostId, topic, 1)
    let watching = true
    return () => {
      if (watching) this.#count(hostId, topic, -1)
      watching = false
    }
  }

  /** Everything watched now: to be said again after a reconnect. */
  watched(): { hostId: string; topics: SampleTopic[] }[] {
    return [...this.#watchers].map(([hostId, topics]) => ({ hostId, topics: [...topics.keys()] }))
  }

  #count(hostId: string, topic: SampleTopic, by: 1 | -1): void {
    const topics = this.#watchers.get(hostId) ?? new Map<SampleTopic, number>()
    const was = topics.get(topic) ?? 0
    const now = was + by
    if (now > 0) topics.set(topic, now)
    else topics.delete(topic)
    if (topics.size) this.#watchers.set(hostId, topics)
    else this.#watchers.delete(hostId)
    if (now <= 0) this.#held.delete(key(hostId, topic)) // an old value would make a wrong rate later
    if (was === 0 || now === 0) this.#onWatch(hostId, [...topics.keys()])
  }
}

const TOPICS: SampleTopic[] = ['links', 'rules', 'conntrack', 'fdb', 'neighbours']
const key = (hostId: string, topic: SampleTopic): string => `${topic} ${hostId}`
