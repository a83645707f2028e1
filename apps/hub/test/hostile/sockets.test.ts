import { AGENTS, BROWSERS, errorCode, PROTOCOL_VERSION } from '@hopscope/protocol'
import { type Random, seeded } from '@hopscope/testkit/random'
import { describe, expect, it } from 'vitest'
import { broken, wellFormed } from './frames.ts'
import { frame, type RawSocket, rawSocket } from './rawSocket.ts'
import { type Scene, scene, unharmed } from './unharmed.ts'

const FRAMES = 100_000
const AT_ONCE = 16
const MOST_FRAMES = 60

describe.each([BROWSERS, AGENTS, '/'])('100,000 hostile frames at the namespace %s', (namespace) => {
  it('leave the hub unharmed', { timeout: 150_000 }, async () => {
    const s = await scene()
    const random = seeded(`frames at ${namespace}`)
    const sent = { frames: 0, connections: 0, ended: 0 }
    const one = async (): Promise<void> => {
      while (sent.frames < FRAMES) await oneConnection(s, { namespace, random, sent })
    }
    await unharmed(s, async () => void (await Promise.all(Array.from({ length: AT_ONCE }, one))))
    process.stdout.write(
      `  ${sent.frames} frames over ${sent.connections} connections, ${sent.ended} ended by the hub\n`,
    )
  })
})

const STRANGERS: Record<string, Record<string, string>> = {
  'a stranger': {},
  'a wrong key': { authorization: 'Bearer wrong' },
  'a foreign page': { origin: 'http://evil.test' },
  'the key and an origin': { origin: 'http://evil.test', authorization: 'KEY' },
  'no session': { origin: 'OWN' },
  'a made-up session': { origin: 'OWN', cookie: 'hopscope_session=__proto__' },
}

describe('a connection without rights', () => {
  it('gets no frame through', async () => {
    const s = await scene()
    const random = seeded('frames before any right')
    await unharmed(s, async () => {
      for (const [who, headers] of Object.entries(STRANGERS))
        for (let i = 0; i < 100; i++) {
          // Behind the request, without waiting for the answer.
          const frames = [frame(`40${AGENTS},{}`), ...wellFormed(random, AGENTS), ...broken(random, BROWSERS)]
          const socket = await rawSocket(s.t.hub.port, filledIn(s, headers), Buffer.concat(frames))
          expect(socket.status, who).toMatch(/^HTTP\/1.1 40[013] /)
          expect(await socket.settled(), who).toBe(false)
        }
    })
  })
})

const filledIn = ({ t }: Scene, headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([k, v]) => [k, v.replace('OWN', t.hub.url).replace('KEY', `Bearer ${t.key}`)]),
  )

// What is sent over and over, and where.
const NUISANCES: [what: string, namespace: string, packet: string][] = [
  ['events of nobody', BROWSERS, `2${BROWSERS},["nobody",1]`],
  ['refused messages', BROWSERS, `2${BROWSERS},["watch",1]`],
  ['refused messages of an agent', AGENTS, `2${AGENTS},["patch",1]`],
  ['acknowledgements', BROWSERS, `3${BROWSERS},1[]`],
  ['unknown namespaces', '/', '0/nowhere,'],
  ['the default namespace', '/', '0'],
  ['the other namespace', '/', `0${AGENTS},`],
]
const CUT = 'a connection that keeps sending what is refused is cut'

describe('a connection that keeps sending what is refused', () => {
  it('is cut after 100, whatever it is, and says so once', async () => {
    const s = await scene()
    let cuts = 0
    for (const [what, namespace, packet] of NUISANCES) {
      const socket = await open(s, namespace)
      let sent = 0
      for (; sent < 1000; sent++) {
        socket.send(frame(`4${packet}`))
        if (!(await socket.settled())) break
      }
      expect(sent, what).toBeGreaterThanOrEqual(99)
      expect(sent, what).toBeLessThan(120)
      cuts++
      await expect.poll(() => s.t.log().split(CUT).length - 1, { message: what }).toBe(cuts)
      if (namespace === BROWSERS)
        expect(socket.messages.at(-1), what).toBe(`42${BROWSERS},["refused",{"code":"RATE_LIMITED"}]`)
      if (packet === '0' || packet === `0${AGENTS},`) expect(codesOf(socket), what).toHaveLength(100)
    }
    // One line for the first refusal of each connection, one for each cut.
    expect(s.t.log().trim().split('\n').length).toBeLessThanOrEqual(2 * NUISANCES.length)
  })
  it('is none that sends what we understand', async () => {
    const s = await scene()
    const socket = await open(s, BROWSERS)
    const watch = frame(`42${BROWSERS},["watch",{"hostId":"${s.hostId}","topics":["links"]}]`)
    socket.send(Buffer.concat(Array.from({ length: 2000 }, () => watch)))
    expect(await socket.settled()).toBe(true)
    socket.end()
  })
})

/** A connection that has joined its namespace, if it is one that can be joined. */
async function open({ t, cookie }: Scene, namespace: string): Promise<RawSocket> {
  const agent = namespace === AGENTS
  const headers: Record<string, string> = agent ? { authorization: `Bearer ${t.key}` } : { origin: t.hub.url, cookie }
  const socket = await rawSocket(t.hub.port, headers)
  expect(socket.status, `${t.child.exitCode} ${t.log()}`).toContain(' 101 ')
  if (namespace === '/') return socket
  socket.send(frame(`40${namespace},${agent ? JSON.stringify({ key: t.key, protocol: PROTOCOL_VERSION }) : ''}`))
  // Joining takes another turn of the hub's; a packet that comes before would be one without a namespace.
  const joined = (): boolean => socket.messages.some((m) => m.startsWith(`40${namespace},`))
  while (!joined()) if (!(await socket.settled())) throw new Error(`ended while joining ${namespace}`)
  return socket
}

/** The closed codes in the refusals that came. */
function codesOf({ messages }: RawSocket): string[] {
  const refusals = messages.filter((m) => m.startsWith('44'))
  return refusals.map((m) => errorCode.parse(JSON.parse(m.slice(m.indexOf('{'))).data.code))
}

type Sent = { frames: number; connections: number; ended: number }
/** Sends up to 60 frames over a new connection; the last may be one that ends it. */
async function oneConnection(s: Scene, o: { namespace: string; random: Random; sent: Sent }): Promise<void> {
  const { namespace, random, sent } = o
  const socket = await open(s, namespace)
  sent.connections++
  const count = 1 + random.below(MOST_FRAMES)
  const breaks = random.next() < 0.7
  for (let i = 0; i < count; i++) {
    const frames = breaks && i === count - 1 ? broken(random, namespace) : wellFormed(random, namespace)
    socket.send(Buffer.concat(frames))
    sent.frames += frames.length
  }
  if (!(await socket.settled())) sent.ended++
  socket.end()
}
