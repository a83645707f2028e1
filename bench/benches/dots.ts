import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as after } from 'node:timers/promises'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { predict } from '@hopscope/path'
import type { ToldStory, TraceAnswer } from '@hopscope/protocol'
import { createSandbox, fillDemo, type SandboxHost } from '@hopscope/sandbox'
import { recordedHost } from '@hopscope/testkit/recorded'
import { wireReader } from '@hopscope/testkit/wireReader'
import type { Browser, Page } from '@playwright/test'
import { followed } from '../../e2e/newsOf.ts'
import { Product } from '../../e2e/product.ts'
import type { Bench, Session } from '../bench.ts'
import { launch } from '../page/browser.ts'
import { type Served, serve } from '../page/host.ts'
import { type Folding, mainThread, type Probed, type Shown, show } from '../page/shown.ts'

/** Dots that run at once at most: `MOST_PASSING` of the page. */
const DOTS = 200
/** Packets that come at once, and how often: more a second than there can be dots. */
const [TOGETHER, EVERY_MS] = [25, 100]
const SECONDS = 5
/** Packets that a page may watch at once. */
const MOST_SHOWN = '2000'

export const dots: Bench = {
  name: 'dots',
  title: 'Packets that run along their ways on the map',
  about:
    'The hub serves a recorded host to Chromium without a GPU, 1440 × 900 pixels, and the page watches its packets: 250 a second come in as an agent ' +
    `tells them, so that ${DOTS} dots run all the time and the list beside the map grows. In the demo, whose two hosts are real, its agent follows pings ` +
    'of the containers. Frames are counted by the clock; milliseconds per frame ' +
    "are processor time of the page's main thread, with all that the list and the messages take.",
  runs: 3,
  async run(session) {
    const browser = await launch()
    try {
      await host(session, browser, { name: '46 recorded, default', snapshot: recordedHost(46), folding: 'foldAuto' })
      await host(session, browser, { name: '300 recorded, opened', snapshot: recordedHost(300), folding: 'unfoldAll' })
      await demo(session, browser)
    } finally {
      await browser.close()
    }
  },
}

type Watched = { name: string; snapshot: HostSnapshot; folding: Folding }
type Measured = { fps: number; work: number; longest: number }

async function host(session: Session, browser: Browser, { name, snapshot, folding }: Watched): Promise<void> {
  const served = await serve(snapshot)
  try {
    tellWhenAsked(served, storiesOf(snapshot))
    await measure(session, browser, {
      name,
      folding,
      url: served.url,
      session: served.session,
      hostId: snapshot.host.id,
    })
  } finally {
    await served.stop()
  }
}

/** As `npm start -- --demo`. */
async function demo(session: Session, browser: Browser): Promise<void> {
  const product = await Product.start()
  try {
    Object.assign(process.env, product.sandboxes)
    const sandbox = await createSandbox({ name: 'demo', hosts: 2 })
    try {
      const { leftOut } = await fillDemo(sandbox)
      if (leftOut.length > 0) throw new Error(`the demo is not whole: ${JSON.stringify(leftOut)}`)
      const [first] = sandbox.hosts
      if (!first) throw new Error('the demo has no host')
      const cookie = await product.setUp()
      const reader = await wireReader({ url: product.url, cookie })
      const hostId = await followed(reader, first.name)
      reader.close()
      const pings = await startPings(first)
      try {
        const host = { name: 'the demo', folding: 'foldAuto', url: product.url, session: cookie, hostId } as const
        await measure(session, browser, host)
      } finally {
        for (const ping of pings) ping.kill('SIGKILL')
      }
    } finally {
      await sandbox.down()
    }
  } finally {
    await product.stop()
  }
}

/** Containers of the demo that ping one another, in as many namespaces as there are ends. */
const PAIRS = [
  ['client', 'web'],
  ['api', 'db'],
] as const

async function startPings(host: SandboxHost): Promise<ChildProcess[]> {
  const inspect = (name: string, format: string) => host.docker('inspect', '-f', format, name)
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  const networks = '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}'
  return await Promise.all(
    PAIRS.map(async ([from, to]) => {
      const [mine, others] = await Promise.all([inspect(from, networks), inspect(to, networks)])
      const shared = others.split(' ').findIndex((name) => mine.split(' ').includes(name))
      const target = (await inspect(to, address)).split(' ')[shared] ?? ''
      const pid = await inspect(from, '{{.State.Pid}}')
      const argv = host.enterArgv(['nsenter', '-t', pid, '-n', 'ping', '-q', '-i', '0.016', '-w', '120', target], {
        dieWithParent: true,
      })
      const [program = '', ...args] = argv
      return spawn(program, args, { stdio: 'ignore' })
    }),
  )
}

type Followed = { name: string; folding: Folding; url: string; session: string; hostId: string }

async function measure(session: Session, browser: Browser, { name, folding, ...host }: Followed): Promise<void> {
  const runs: Measured[] = []
  for (let run = 0; run < session.runs; run++) {
    const shown = await show(browser, host, folding)
    try {
      runs.push(await watched(host, shown))
    } finally {
      await shown.close()
    }
  }
  const figure = (group: string, of: keyof Measured) => ({ group, name, samples: runs.map((one) => one[of]) })
  session.figure({ ...figure('Frames per second', 'fps'), unit: 'count', limit: { of: 'min', atLeast: 30 } })
  session.figure({ ...figure('Processor time per frame', 'work'), unit: 'ms' })
  session.figure({ ...figure('Longest time from one frame to the next', 'longest'), unit: 'ms' })
}

/** Watches packets on the page while so many run, and measures for some seconds. */
async function watched({ url, hostId }: Pick<Followed, 'url' | 'hostId'>, { page, cdp }: Shown): Promise<Measured> {
  const packets = { hostId, from: 'host', to: '', protocol: 'icmp', port: '', watch: 'icmp' }
  await page.goto(`${url}/?packets=${encodeURIComponent(JSON.stringify(packets))}`)
  await page.getByRole('textbox', { name: 'Packets' }).fill(MOST_SHOWN)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const running = (least: number) => (window as unknown as Probed).__hopscopeMap.passing().running >= least
  await page.waitForFunction(running, DOTS)
  const [work, before] = [await mainThread(cdp), await painted(page)]
  const longest = await longestFrame(page)
  const [workAfter, now] = [await mainThread(cdp), await painted(page)]
  if (now.running < DOTS * 0.9) throw new Error(`only ${now.running} dots were running`)
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.locator('[data-watch="over"]').waitFor()
  const frames = now.frames - before.frames
  return { fps: (frames * 1000) / (now.at - before.at), work: ((workAfter - work) * 1000) / frames, longest }
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

/** Answers the hub as an agent does that traces, and tells packets until a tracing is stopped. */
function tellWhenAsked({ agent }: Served, stories: readonly ToldStory[]): void {
  const running = new Map<string, number>()
  const tell = async (hostId: string, id: string): Promise<void> => {
    for (let shown = TOGETHER; running.has(id); shown += TOGETHER) {
      running.set(id, shown)
      const at = Date.now()
      const some = Array.from({ length: TOGETHER }, (_, i) => stories[(shown + i) % stories.length])
      const told = some.flatMap((story, i) => (story ? [{ ...story, at: at + (i * EVERY_MS) / TOGETHER }] : []))
      agent.socket.emit('stories', { hostId, id, stories: told, shown, partial: 0, overruns: 0 })
      await after(EVERY_MS)
    }
  }
  const places = { namespaces: 1, unavailable: [], legacy: [] }
  agent.socket.on('trace', ({ hostId, request }, say) => {
    if (request.kind === 'prove') throw new Error('nothing is proven here')
    const { kind, id } = request
    if (kind === 'trace') {
      running.set(id, 0)
      say({ kind: 'started', id, ...places } satisfies TraceAnswer)
      void tell(hostId, id)
      return
    }
    const shown = running.get(id) ?? 0
    running.delete(id)
    const starts = { shown, leftOut: 0, unmeant: 0 }
    const counts = { shown, partial: 0, leftOut: 0, meant: shown, traced: shown, starts, lost: 0, overruns: 0 }
    say({ kind: 'ended', id, summary: { ended: 'stopped', ...counts, ...places } } satisfies TraceAnswer)
  })
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
