import { setTimeout as after } from 'node:timers/promises'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { predict } from '@hopscope/path'
import type { ToldStory, TraceAnswer, TraceMessage } from '@hopscope/protocol'
import { recordedHost } from '@hopscope/testkit/recorded'
import type { Browser, Page } from '@playwright/test'
import type { Bench, Session } from '../bench.ts'
import { launch } from '../page/browser.ts'
import { type Served, serve } from '../page/host.ts'
import { type Folding, mainThread, type Probed, type Shown, show } from '../page/shown.ts'

/** Dots that run at once at most: `MOST_PASSING` of the page. */
const DOTS = 200
/** Packets that come at once, and how often: more a second than there can be dots. */
const [TOGETHER, EVERY_MS] = [25, 100]
const SECONDS = 5

export const dots: Bench = {
  name: 'dots',
  title: 'Packets that run along their ways on the map',
  about:
    'The hub serves a recorded host to Chromium without a GPU, 1440 × 900 pixels, and the page watches its packets: 250 a second come in as an agent ' +
    `tells them, so that ${DOTS} dots run all the time and the list beside the map grows. Frames are counted by the clock; milliseconds per frame ` +
    "are processor time of the page's main thread, with all that the list and the messages take.",
  runs: 3,
  async run(session) {
    const browser = await launch()
    try {
      await host(session, browser, { name: '46 recorded, default', snapshot: recordedHost(46), folding: 'foldAuto' })
      await host(session, browser, { name: '300 recorded, opened', snapshot: recordedHost(300), folding: 'unfoldAll' })
    } finally {
      await browser.close()
    }
  },
}

type Watched = { name: string; snapshot: HostSnapshot; folding: Folding }
type Measured = { fps: number; work: number; longest: number }

async function host(session: Session, browser: Browser, { name, snapshot, folding }: Watched): Promise<void> {
  const stories = storiesOf(snapshot)
  const served = await serve(snapshot)
  const runs: Measured[] = []
  try {
    for (let run = 0; run < session.runs; run++) {
      const shown = await show(browser, served, folding)
      try {
        runs.push(await watched(served, shown, stories))
      } finally {
        await shown.close()
      }
    }
  } finally {
    await served.stop()
  }
  const figure = (group: string, of: keyof Measured) => ({ group, name, samples: runs.map((one) => one[of]) })
  session.figure({ ...figure('Frames per second', 'fps'), unit: 'count', limit: { of: 'min', atLeast: 30 } })
  session.figure({ ...figure('Processor time per frame', 'work'), unit: 'ms' })
  session.figure({ ...figure('Longest time from one frame to the next', 'longest'), unit: 'ms' })
}

/** Watches packets on the page while so many run, and measures for some seconds. */
async function watched(served: Served, { page, cdp }: Shown, stories: readonly ToldStory[]): Promise<Measured> {
  const hostId = served.snapshot.host.id
  const stop = tellWhenAsked(served, stories)
  try {
    const packets = { hostId, from: 'host', to: '', protocol: 'icmp', port: '', watch: 'icmp' }
    await page.goto(`${served.url}/?packets=${encodeURIComponent(JSON.stringify(packets))}`)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const running = (least: number) => (window as unknown as Probed).__hopscopeMap.passing().running >= least
    await page.waitForFunction(running, DOTS)
    const [work, before] = [await mainThread(cdp), await painted(page)]
    const longest = await longestFrame(page)
    const [workAfter, now] = [await mainThread(cdp), await painted(page)]
    if (now.running < DOTS * 0.9) throw new Error(`only ${now.running} dots were running`)
    const frames = now.frames - before.frames
    return { fps: (frames * 1000) / (now.at - before.at), work: ((workAfter - work) * 1000) / frames, longest }
  } finally {
    stop()
  }
}

const painted = (page: Page) =>
  page.evaluate(() => ({ at: performance.now(), ...(window as unknown as Probed).__hopscopeMap.passing() }))

/** The longest time from one frame to the next, in ms, of those in some seconds from now. */
const longestFrame = (page: Page): Promise<number> =>
  page.evaluate(
    (ms) =>
      new Promise<number>((done) => {
        const began = performance.now()
        let [last, longest] = [began, 0]
        const next = (now: number): void => {
          longest = Math.max(longest, now - last)
          last = now
          if (now - began < ms) requestAnimationFrame(next)
          else done(longest)
        }
        requestAnimationFrame(next)
      }),
    SECONDS * 1000,
  )

/** Answers the hub as an agent does that traces, and tells packets until it is stopped. */
function tellWhenAsked({ agent }: Served, stories: readonly ToldStory[]): () => void {
  const ended = new AbortController()
  const answer = ({ hostId, request }: TraceMessage, say: (came: unknown) => void): void => {
    // The page goes before the tracing ends.
    const gone: TraceAnswer = { kind: 'denied', reason: { code: 'TRACING_LOST', params: {} } }
    if (request.kind !== 'trace') {
      say(gone)
      return
    }
    const started: TraceAnswer = { kind: 'started', id: request.id, namespaces: 1, unavailable: [], legacy: [] }
    say(started)
    void tell(hostId, request.id)
  }
  const tell = async (hostId: string, id: string): Promise<void> => {
    for (let shown = TOGETHER; !ended.signal.aborted; shown += TOGETHER) {
      const at = Date.now()
      const some = Array.from({ length: TOGETHER }, (_, i) => stories[(shown + i) % stories.length])
      const told = some.flatMap((story, i) => (story ? [{ ...story, at: at + (i * EVERY_MS) / TOGETHER }] : []))
      agent.socket.emit('stories', { hostId, id, stories: told, shown, partial: 0, overruns: 0 })
      await after(EVERY_MS)
    }
  }
  agent.socket.on('trace', answer)
  return () => {
    ended.abort()
    agent.socket.off('trace', answer)
  }
}

/** Packets between all containers, there and back, and out of the host: predicted, but told as if they were seen. */
function storiesOf(snapshot: HostSnapshot): ToldStory[] {
  const containers = recordsOf(snapshot, 'container')
  const placed = containers.flatMap(({ netns, attachments }) => {
    const ip = attachments.find((one) => one.ip)?.ip
    return netns === undefined || ip === undefined ? [] : [{ netns, ip }]
  })
  return placed.flatMap(({ netns }, i) =>
    [placed[(i + 7) % placed.length]?.ip ?? '', '8.8.8.8'].flatMap((to) => {
      const { forward, back } = predict(snapshot, { from: { kind: 'netns', netns }, to, protocol: 'icmp' })
      const ways = back ? [forward, back] : [forward]
      return ways.map(
        (way): ToldStory => ({ at: 0, flow: way.hops.find(({ flow }) => flow)?.flow, way, partial: false }),
      )
    }),
  )
}
