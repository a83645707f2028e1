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

export const resync: Bench = {
  name: 'resync',
  title: 'Reading everything again',
  about:
    'After a loss of events the agent reads links, addresses, routes, neighbours and CAM tables of all namespaces again. ' +
    'Beside it: "ip -d -j -n NAME -batch" (address, route, neigh) and "bridge -j -n NAME fdb" for each namespace and the host, ' +
    'started by xargs; and "plotnetcfg -f json", which lists neither routes of all tables nor neighbours nor CAM tables. All read the same sandbox host in turn, ' +
    'after their counts were found equal. Ours is the running agent; the others include the start of their processes. With ' +
    'Docker: the same, and "docker inspect" of all containers and networks, put together by jq.',
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
    const plotted = findProgram('plotnetcfg') !== undefined
    if (plotted) await agree(reader, () => peers.ask('plotnetcfg, counts'), ['netns', 'link'])
    else session.absent('plotnetcfg', 'not installed')
    session.say(`${namespaces} namespaces: ${JSON.stringify(await reader.ask('counts'))}`)
    const samples = await interleaved(session.runs, {
      hopscope: () => reader.ask<number>('reread'),
      ip: () => peers.ask<number>('ip and bridge'),
      plotnetcfg: () => (plotted ? peers.ask<number>('plotnetcfg') : Number.NaN),
    })
    await reader.close()
    await peers.close()
    const group = `reading ${namespaces} namespaces`
    session.figure({ group, name: 'Hopscope', unit: 'ms', samples: samples.hopscope })
    session.figure({ group, name: 'ip -j -batch, bridge -j', unit: 'ms', samples: samples.ip })
    if (plotted) session.figure({ group, name: 'plotnetcfg -f json', unit: 'ms', samples: samples.plotnetcfg })
    const faster = `times faster, ${namespaces} namespaces`
    session.figure({
      group: faster,
      name: 'than ip and bridge',
      unit: '×',
      samples: ratios(samples.ip, samples.hopscope),
      limit: { of: 'median', atLeast: 60 },
    })
    if (!plotted) return
    session.figure({
      group: faster,
      name: 'than plotnetcfg',
      unit: '×',
      samples: ratios(samples.plotnetcfg, samples.hopscope),
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
    session.say(`${CONTAINERS} containers: ${JSON.stringify(await reader.ask('counts'))}`)
    const samples = await interleaved(session.runs, {
      hopscope: () => reader.ask<number>('reread with docker'),
      ip: () => peers.ask<number>('ip, docker and jq'),
    })
    await reader.close()
    await peers.close()
    const group = `reading ${CONTAINERS} containers with Docker's facts`
    session.figure({ group, name: 'Hopscope', unit: 'ms', samples: samples.hopscope })
    session.figure({ group, name: 'ip -j, docker inspect, jq', unit: 'ms', samples: samples.ip })
    session.figure({
      group: `times faster, ${CONTAINERS} containers`,
      name: 'than ip, docker inspect and jq',
      unit: '×',
      samples: ratios(samples.ip, samples.hopscope),
      limit: { of: 'median', atLeast: 10 },
    })
  })
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
