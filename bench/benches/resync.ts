import { setTimeout as wait } from 'node:timers/promises'
import { fillLargeHost } from '@hopscope/testkit/largeHost'
import { type Bench, interleaved, ratios, type Session } from '../bench.ts'
import { type InsideProgram, startContainers, startInside, withHost } from '../insideHost.ts'
import { findProgram } from '../program.ts'

const SIZES = [50, 300]
const CONTAINERS = 50
/** What all have to find, by the names of our records. */
const FACTS = ['link', 'address', 'route', 'neighbour', 'fdb'] as const
const DOCKER_FACTS = [...FACTS, 'container', 'dockerNetwork'] as const
const AGREE_WITHIN = 20_000
/** A fresh host still gives itself addresses and forgets neighbours: it is at rest when so many readings in a row found nothing new. */
const QUIET_READINGS = 5
const PAUSE = 500
const QUIET_WITHIN = 90_000

export const resync: Bench = {
  name: 'resync',
  title: 'Reading everything again',
  about:
    'After a loss of events the agent reads links, addresses, routes, neighbours and CAM tables of all namespaces again, each ' +
    'table in full. It compares the bytes of a table with those that it said last time, and decodes it only when they differ; ' +
    '“everything decoded” is the same with that memory forgotten, so that every record is made anew and compared. ' +
    'Beside it “an agent on ip and bridge”: a Node program that starts "ip -n NAME -j -d -batch FILE" (addr, which lists the ' +
    'links too; route show table all; neigh) and "bridge -n NAME -j fdb" with execFile for the host and each namespace, one after another, and ' +
    'parses all answers; it is whom the limit is about. “ip and bridge by xargs”, a stricter one, is the same programs ' +
    'started by xargs with nobody to parse what they say. “plotnetcfg -f json” lists neither routes of all tables nor ' +
    'neighbours nor CAM tables. All read the same sandbox host in turn, after their counts were found equal and the host had come to rest. Ours is the ' +
    'running agent; the others include the start of their processes, which is most of their time. One reading of 50 namespaces is over ' +
    'before a processor that slept runs at its speed, and events are lost when it is not asleep: “awake” is one of those readings that ' +
    'follow each other for 0.3 s. With Docker: the same, and "docker inspect" of all ' +
    'containers and networks, put together by jq.',
  runs: 15,
  async run(session) {
    for (const namespaces of SIZES) await atSize(session, namespaces)
    await withDocker(session)
  },
}

async function atSize(session: Session, namespaces: number): Promise<void> {
  await withHost({ name: 'bench-resync', docker: false }, async (host) => {
    await fillLargeHost(host, { namespaces })
    const [reader, peers] = [await startInside(host, 'reader'), await startInside(host, 'peers')]
    await agree(reader, () => peers.ask('ip and bridge, counts'), FACTS)
    await agree(reader, () => peers.ask('agent on ip and bridge, counts'), FACTS)
    const plotted = findProgram('plotnetcfg') !== undefined
    if (plotted) await agree(reader, () => peers.ask('plotnetcfg, counts'), ['netns', 'link'])
    else session.absent('plotnetcfg', 'not installed')
    await rest(reader)
    session.say(`${namespaces} namespaces: ${JSON.stringify(await reader.ask('counts'))}`)
    const samples = await interleaved(session.runs, {
      ours: () => reader.ask<number>('reread'),
      awake: () => reader.ask<number>('rereads'),
      agent: () => peers.ask<number>('agent on ip and bridge'),
      decoded: () => reader.ask<number>('reread, decoded'),
      programs: () => peers.ask<number>('ip and bridge'),
      plotnetcfg: () => (plotted ? peers.ask<number>('plotnetcfg') : Number.NaN),
    })
    await reader.close()
    await peers.close()
    const what = `${namespaces} namespaces`
    tell(session, { what, samples, names: ['an agent on ip and bridge', 'ip and bridge by xargs'], atLeast: 60 })
    const [reading, faster] = [`reading ${what}`, `times faster, ${what}`]
    session.figure({ group: reading, name: 'Hopscope, awake', unit: 'ms', samples: samples.awake })
    const awake = ratios(samples.agent, samples.awake)
    session.figure({ group: faster, name: 'awake, than an agent on ip and bridge', unit: '×', samples: awake })
    if (!plotted) return
    session.figure({ group: reading, name: 'plotnetcfg -f json', unit: 'ms', samples: samples.plotnetcfg })
    session.figure({
      group: faster,
      name: 'than plotnetcfg',
      unit: '×',
      samples: ratios(samples.plotnetcfg, samples.ours),
      limit: { of: 'median', atLeast: 1 },
    })
  })
}

async function withDocker(session: Session): Promise<void> {
  const missing = ['docker', 'jq'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) return session.absent(missing.join(', '), 'not installed')
  await withHost({ name: 'bench-resync' }, async (host) => {
    await startContainers(host, CONTAINERS)
    const [reader, peers] = [await startInside(host, 'reader'), await startInside(host, 'peers', ['docker'])]
    await agree(reader, () => peers.ask('ip, docker and jq, counts'), DOCKER_FACTS)
    await agree(reader, () => peers.ask('agent on ip and docker, counts'), DOCKER_FACTS)
    await rest(reader)
    session.say(`${CONTAINERS} containers: ${JSON.stringify(await reader.ask('counts'))}`)
    const samples = await interleaved(session.runs, {
      ours: () => reader.ask<number>('reread with docker'),
      agent: () => peers.ask<number>('agent on ip and docker'),
      decoded: () => reader.ask<number>('reread with docker, decoded'),
      programs: () => peers.ask<number>('ip, docker and jq'),
    })
    await reader.close()
    await peers.close()
    const what = `${CONTAINERS} containers with Docker's facts`
    const names = ['an agent on ip, bridge, docker and jq', 'ip, bridge, docker and jq by xargs'] as const
    tell(session, { what, samples, names, atLeast: 10 })
  })
}

type Told = {
  what: string
  samples: Record<'ours' | 'decoded' | 'agent' | 'programs', number[]>
  /** What the agent that has the limit is called, and the bare programs. */
  names: readonly [agent: string, programs: string]
  atLeast: number
}

function tell(session: Session, { what, samples, names: [agent, programs], atLeast }: Told): void {
  const took = (name: string, milliseconds: number[]) =>
    session.figure({ group: `reading ${what}`, name, unit: 'ms', samples: milliseconds })
  took('Hopscope', samples.ours)
  took('Hopscope, everything decoded', samples.decoded)
  took(agent, samples.agent)
  took(programs, samples.programs)
  const group = `times faster, ${what}`
  const faster = (name: string, samples: number[]) => session.figure({ group, name, unit: '×', samples })
  const limit = { of: 'median', atLeast } as const
  session.figure({ group, name: `than ${agent}`, unit: '×', samples: ratios(samples.agent, samples.ours), limit })
  faster(`than ${programs}`, ratios(samples.programs, samples.ours))
  faster(`everything decoded, than ${agent}`, ratios(samples.agent, samples.decoded))
}

/** Waits until both count the same facts; a fresh host still gives itself IPv6 addresses. Throws with both counts if they never do. */
async function agree(
  reader: InsideProgram,
  other: () => Promise<Record<string, number>>,
  facts: readonly string[],
): Promise<void> {
  const until = performance.now() + AGREE_WITHIN
  for (;;) {
    await reader.ask('reread')
    const [ours, theirs] = [await reader.ask<Record<string, number>>('counts'), await other()]
    if (facts.every((fact) => ours[fact] === theirs[fact])) return
    if (performance.now() > until)
      throw new Error(`not the same facts: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} there`)
  }
}

/** Waits until reading everything again finds nothing new; throws when the host never comes to rest. */
async function rest(reader: InsideProgram): Promise<void> {
  const until = performance.now() + QUIET_WITHIN
  for (let quiet = 0; quiet < QUIET_READINGS; ) {
    quiet = (await reader.ask<number>('reread, changes')) === 0 ? quiet + 1 : 0
    if (performance.now() > until) throw new Error('the host does not come to rest')
    await wait(PAUSE)
  }
}
