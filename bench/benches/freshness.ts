import { attribute, cString, NETLINK, nested, openNetlink } from '@hopscope/netlink'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Page } from '@playwright/test'
import type { Bench, Session } from '../bench.ts'
import { onHost, readLines } from '../onHost.ts'
import { awaitBox, awaitRow, clockAhead, mapReady, now, onlyHost } from '../painted.ts'

const SIZES = [5, 50, 100]
const NAMESPACES = 300
const IMAGE = 'busybox'

export const freshness: Bench = {
  name: 'freshness',
  title: 'How old what the page shows is',
  about:
    'A sandbox host with dockerd, observed by the built agent; the built hub; the page in Chromium. A container is started: from the line of its start ' +
    'event in "docker events" until the frame of the map is painted that has its box running and wired. A link is made ' +
    'over netlink in one of 300 namespaces at random: from the request to the kernel until the frame is painted ' +
    'that has its row in the table of interfaces. The clock of the page is compared with ours and its error taken off.',
  runs: 30,
  async run(session) {
    for (const size of SIZES) await containers(session, size)
    await links(session)
  },
}

async function containers(session: Session, size: number): Promise<void> {
  session.say(`starting ${size} containers`)
  await onHost(
    { name: 'fresh' },
    (host) => startMany(host, size),
    async ({ product, host, page: open }) => {
      // All boxes in sight: a folded map would only count.
      const page = await open('/', { 'map.folding': 'unfoldAll' })
      await page.goto(`${product.url}/?${await onlyHost(page, host.name)}`)
      await mapReady(page, size)
      const samples = await startedOnes(session, host, page)
      const figure = { group: 'Container started until painted', unit: 'ms', samples } as const
      session.figure({ ...figure, name: `beside ${size} others`, limit: { of: 'median', atMost: 100 } })
      session.figure({ ...figure, name: `beside ${size} others, the slowest`, limit: { of: 'p95', atMost: 250 } })
    },
  )
}

async function startedOnes(session: Session, host: SandboxHost, page: Page): Promise<number[]> {
  const seen = new Map<string, (at: number) => void>()
  const format = '{{.Actor.Attributes.name}}'
  const argv = host.enterArgv(['docker', 'events', '--filter', 'event=start', '--format', format], {
    dieWithParent: true,
  })
  const stop = readLines(argv, (line) => seen.get(line.trim())?.(now()))
  const samples: number[] = []
  try {
    for (let round = 0; round <= session.runs; round++) {
      const name = `newcomer-${round}`
      const box = await awaitBox(page, name)
      const told = new Promise<number>((resolve) => seen.set(name, resolve))
      await host.docker('run', '-d', '--name', name, IMAGE, 'sleep', '100000')
      const [at, painted] = await Promise.all([told, box.result()])
      const ahead = await clockAhead(page)
      // The first one warms everything up.
      if (round > 0) samples.push(painted - ahead - at)
      await host.docker('rm', '-f', name)
      await page.waitForFunction(isGone, name)
    }
  } finally {
    stop()
  }
  return samples
}

function isGone(name: string): boolean {
  const map = window.__hopscopeMap
  return map?.isIdle() === true && !map.nodes().some(({ label }) => label === name)
}

/** Eight at a time: a container takes a third of a second to start, mostly waiting. */
async function startMany(host: SandboxHost, count: number): Promise<void> {
  let next = 0
  const one = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++)
      await host.docker('run', '-d', '--name', `c${i}`, IMAGE, 'sleep', '100000')
  }
  await Promise.all(Array.from({ length: 8 }, one))
}

async function links(session: Session): Promise<void> {
  session.say(`making ${NAMESPACES} namespaces`)
  await onHost({ name: 'fresh', docker: false }, makeNamespaces, async ({ product, host, page: open }) => {
    const page = await open('/')
    const only = await onlyHost(page, host.name)
    await page.goto(`${product.url}/?view=tables&table=interfaces&q=name:fr-&${only}`)
    addLink(host, 0, 'fr-start')
    await page.waitForFunction(() => document.body.textContent?.includes('fr-start'), undefined, { timeout: 60_000 })
    const samples: number[] = []
    for (let round = 0; round <= session.runs; round++) {
      const name = `fr-${round}`
      const row = await awaitRow(page, name)
      const index = Math.floor(Math.random() * NAMESPACES)
      const at = addLink(host, index, name)
      const painted = await row.result()
      if (round > 0) samples.push(painted - (await clockAhead(page)) - at)
      // The table draws only the lines that are in sight.
      removeLink(host, index, name)
      await page.waitForFunction((text) => !document.body.textContent?.includes(text), name)
      // At another moment of the agent's and the page's own rounds each time.
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 100))
    }
    session.figure({
      group: 'Link made until painted',
      name: `in one of ${NAMESPACES} namespaces`,
      unit: 'ms',
      samples,
      limit: { of: 'median', atMost: 50 },
    })
  })
}

/** Each with a veth on one of the bridges of the host. */
async function makeNamespaces(host: SandboxHost): Promise<void> {
  const lines = ['link add br-fresh type bridge', 'link set br-fresh up']
  for (let i = 0; i < NAMESPACES; i++) {
    lines.push(
      `netns add n${i}`,
      `link add v${i} type veth peer name eth0 netns n${i}`,
      `link set v${i} up master br-fresh`,
    )
  }
  const { code, stderr } = await host.exec(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  if (code !== 0) throw new Error(`the namespaces could not be made: ${stderr}`)
}

const RTM = { newLink: 16, delLink: 17 }
const CREATE = 0x400 | 0x200
const IFLA = { ifname: 3, linkinfo: 18, kind: 1 }

/** Makes a bridge in a namespace; when the kernel was asked to, in milliseconds since the epoch. Same as "ip link add NAME type bridge". */
function addLink(host: SandboxHost, index: number, name: string): number {
  const kind = nested(IFLA.linkinfo, attribute(IFLA.kind, Buffer.from('bridge')))
  const payload = Buffer.concat([Buffer.alloc(16), attribute(IFLA.ifname, cString(name)), kind])
  return applyIn(host, index, { type: RTM.newLink, payload, doing: 'make a link', flags: CREATE })
}

/** Same as "ip link del NAME". */
function removeLink(host: SandboxHost, index: number, name: string): void {
  const payload = Buffer.concat([Buffer.alloc(16), attribute(IFLA.ifname, cString(name))])
  applyIn(host, index, { type: RTM.delLink, payload, doing: 'remove a link', flags: 0 })
}

type Change = { type: number; payload: Buffer; doing: string; flags: number }

function applyIn(host: SandboxHost, index: number, { flags, ...change }: Change): number {
  const socket = openNetlink(`/proc/${host.initPid}/root/run/netns/n${index}`, NETLINK.ROUTE)
  try {
    const at = now()
    socket.apply(change, flags)
    return at
  } finally {
    socket.close()
  }
}
