import type { HostSnapshot } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import type { Browser } from '@playwright/test'
import type { Bench, Session } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { launch } from '../page/browser.ts'
import { type Served, serve } from '../page/host.ts'
import { comeAndGo, counters, openAll, panWhileChanging } from '../page/measure.ts'
import { look, pan } from '../page/pan.ts'
import { type Folding, type Shown, show } from '../page/shown.ts'

const STEPS = 120
/** Zoom at which names and addresses are read. */
const NEAR = 0.75
const AT_MOST = { elements: 400, first: 500, open: 1500, pan: 15, panLarge: 16, news: 170, counters: 1, growth: 1.5 }

export const page: Bench = {
  name: 'page',
  title: 'The page in Chromium without a GPU',
  about:
    'The hub as it is installed serves a host to a real browser of 1440 × 900 pixels. Hosts of 46 and 300 containers were recorded; ' +
    'those of 2,000 are made up, for no machine here runs so many. Milliseconds per frame are processor time of the ' +
    "page's main thread while a mouse drags the map about, by the browser's own count. “Painted” counts from the arrival of " +
    'the message in the page to the end of the frame that shows it, on the clock.',
  runs: 3,
  async run(session) {
    const browser = await launch()
    try {
      const bench = new PageBench(session, browser)
      await bench.host('46 recorded', recordedHost(46), AT_MOST.pan)
      await bench.host('300 recorded', recordedHost(300), AT_MOST.pan)
      await bench.host('2,000', generateHost({ containers: 2000 }), AT_MOST.panLarge)
      await bench.growth()
    } finally {
      await browser.close()
    }
  },
}

class PageBench {
  readonly #session: Session
  readonly #browser: Browser
  readonly #samples = new Map<string, Figure & { samples: number[] }>()

  constructor(session: Session, browser: Browser) {
    this.#session = session
    this.#browser = browser
  }

  /** Everything that is measured of one host. */
  async host(name: string, snapshot: HostSnapshot, panLimit: number): Promise<void> {
    await this.#each(snapshot, async (served) => {
      await this.#folded(name, served, panLimit)
      await this.#opened(name, served, panLimit)
    })
  }

  /** The same frame of 300 and of 3,000 elements. */
  async growth(): Promise<void> {
    const few: Record<string, number[]> = { all: [], near: [] }
    for (const [containers, size] of [
      [50, 300],
      [570, 3000],
    ] as const) {
      await this.#each(generateHost({ containers }), async (served) => {
        await this.#with(served, 'unfoldAll', async (shown) => {
          for (const at of ['all', NEAR] as const) {
            await look(shown, at)
            const { ms } = await pan(shown, STEPS)
            const where = at === 'all' ? 'all' : 'near'
            this.#add(
              { group: 'Panning, by elements', name: where, unit: 'ms', at: { axis: 'elements', value: size } },
              ms,
            )
            if (size === 300) few[where]?.push(ms)
            else {
              const before = few[where]?.shift() ?? Number.NaN
              const limit = { of: 'median', atMost: AT_MOST.growth } as const
              this.#add(
                { group: 'A frame of 3,000 elements against one of 300', name: where, unit: '×', limit },
                ms / before,
              )
            }
          }
          this.#session.say(`${containers} containers opened: ${shown.elements} elements`)
        })
      })
    }
  }

  async #folded(name: string, served: Served, panLimit: number): Promise<void> {
    await this.#with(served, 'foldAuto', async (shown) => {
      const most = (of: 'median' | 'max', atMost: number) => ({ limit: { of, atMost } })
      this.#add(
        { group: 'Elements of the default view', name, unit: 'count', ...most('max', AT_MOST.elements) },
        shown.elements,
      )
      this.#add(
        { group: 'Default view painted after its data', name, unit: 'ms', ...most('median', AT_MOST.first) },
        shown.painted,
      )
      this.#add({ group: 'Work from an empty page to the default view', name, unit: 'ms' }, shown.work)
      await this.#pans(shown, `${name}, default`, panLimit)
      this.#add({ group: 'Work to open everything by a click', name, unit: 'ms' }, await openAll(shown))
    })
  }

  async #opened(name: string, served: Served, panLimit: number): Promise<void> {
    await this.#with(served, 'unfoldAll', async (shown) => {
      const limit = name.startsWith('300') ? { limit: { of: 'median', atMost: AT_MOST.open } as const } : {}
      this.#add({ group: 'Everything opened, painted after its data', name, unit: 'ms', ...limit }, shown.painted)
      this.#add({ group: 'Work from an empty page to everything opened', name, unit: 'ms' }, shown.work)
      await this.#pans(shown, `${name}, opened`, panLimit)
      const each = { limit: { of: 'median', atMost: panLimit } as const }
      await look(shown, 'all')
      const changing = await panWhileChanging(served, shown, STEPS * 2)
      const held = name.startsWith('300') ? each : {}
      this.#add({ group: 'Panning while 10 % changes four times a second', name, unit: 'ms', ...held }, changing)
      await this.#news(name, served, shown)
      const cost = await counters(served, shown, STEPS * 2)
      this.#add(
        { group: 'Live counters, per frame', name, unit: 'ms', limit: { of: 'median', atMost: AT_MOST.counters } },
        cost,
      )
    })
  }

  async #news(name: string, served: Served, shown: Shown): Promise<void> {
    const news = await comeAndGo(served, shown, 5)
    const limit = { of: 'p95', atMost: AT_MOST.news } as const
    for (const ms of news.painted)
      this.#add({ group: 'A container that came or went painted after its patch', name, unit: 'ms', limit }, ms)
    this.#add({ group: 'Work for a container that came or went', name, unit: 'ms' }, news.work)
    this.#add({ group: 'Longest task while containers come and go', name, unit: 'ms' }, news.longest)
  }

  async #pans(shown: Shown, name: string, atMost: number): Promise<void> {
    for (const at of ['all', NEAR] as const) {
      await look(shown, at)
      const { ms } = await pan(shown, STEPS)
      const where = at === 'all' ? 'all in sight' : 'at reading size'
      this.#add({ group: 'Panning', name: `${name}, ${where}`, unit: 'ms', limit: { of: 'median', atMost } }, ms)
    }
  }

  async #each(snapshot: HostSnapshot, measure: (served: Served) => Promise<void>): Promise<void> {
    const served = await serve(snapshot)
    try {
      for (let run = 0; run < this.#session.runs; run++) await measure(served)
    } finally {
      await served.stop()
    }
    for (const figure of this.#samples.values()) this.#session.figure(figure)
    this.#samples.clear()
  }

  async #with(served: Served, folding: Folding, act: (shown: Shown) => Promise<void>): Promise<void> {
    const shown = await show(this.#browser, served, folding)
    try {
      await act(shown)
    } finally {
      await shown.close()
    }
  }

  #add(figure: Omit<Figure, 'samples'>, sample: number): void {
    const key = `${figure.group} ${figure.name} ${figure.at?.value ?? ''}`
    const known = this.#samples.get(key)
    if (known) known.samples.push(sample)
    else this.#samples.set(key, { ...figure, samples: [sample] })
  }
}
