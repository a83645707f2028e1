/** What `watch` writes down in the page; moments in ms by `performance.now()`. */
export type Marks = {
  /** What came over the WebSocket: when, and whether it was a host's state (or a part of it) or a change. */
  messages: { at: number; snapshot: boolean; patch: boolean }[]
  /** The first frame that shows a host, 0 before. */
  painted: number
  /** Tasks of the main thread that took longer than 50 ms. */
  long: { at: number; ms: number }[]
  /** Resolves at the frame after which `id` is (or is no longer) drawn, with the time since the last patch came. */
  whenDrawn: (id: string, drawn: boolean) => Promise<number>
}

/** Runs in the page before everything else. */
export function watch(folding: string): void {
  type Map = { isIdle: () => boolean; has: (id: string) => boolean; size: () => { nodes: number } }
  const page = window as unknown as { __hopscopeMap?: Map; __marks: Marks; WebSocket: typeof WebSocket }
  const afterFrame = (): Promise<number> =>
    new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))
  const marks: Marks = {
    messages: [],
    painted: 0,
    long: [],
    whenDrawn: async (id, drawn) => {
      const came = (): number => marks.messages.findLast((m) => m.patch)?.at ?? Number.NaN
      const before = came()
      for (;;) {
        const now = await afterFrame()
        const map = page.__hopscopeMap
        if (came() !== before && map?.isIdle() && map.has(id) === drawn) return now - came()
      }
    },
  }
  page.__marks = marks
  localStorage.setItem('hopscope.map.folding', folding)
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) marks.long.push({ at: e.startTime, ms: e.duration })
  }).observe({ entryTypes: ['longtask'] })
  page.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') return
        const start = data.slice(0, 60)
        const mark = {
          at: performance.now(),
          snapshot: /\["(snapshot|part)/.test(start),
          patch: start.includes('["patch"'),
        }
        marks.messages.push(mark)
      })
    }
  }
  const first = async (): Promise<void> => {
    for (;;) {
      const now = await afterFrame()
      const map = page.__hopscopeMap
      if (!map || map.size().nodes < 3 || !map.isIdle()) continue
      marks.painted = now
      return
    }
  }
  void first()
}
