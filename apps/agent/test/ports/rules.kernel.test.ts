import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AgentInside, startAgentInside } from './agentInside.ts'
import { chooseLegacy } from './legacyHost.ts'
import { intoContainer, openSpot, type Question, type Spot } from './spot.ts'

/** A port of the host, and what the container must answer there. */
type Door = Omit<Question, 'address'> & { answer: string }

const SLEEP = ['--restart', 'always', '--stop-signal', 'KILL', 'busybox:latest', 'sleep', 'infinity']
const SERVED = [80, 81, 82, 7080, 7081, 9000, 9001, 9002]
const formsAt = (ip: string) => ['8080:80', `${ip}:8081:81`, `${ip}::82`, '9000-9002:9000-9002', '7000-7001:7080-7081']
const DOORS: Door[] = (['tcp', 'udp'] as const).flatMap((protocol) => [
  { port: 8080, protocol, answer: `web:80/${protocol}` },
  { port: 8081, protocol, answer: `web:81/${protocol}` },
  // The first one that is free, where the choice is left open.
  { port: 49_153, protocol, answer: `web:82/${protocol}` },
  { port: 9001, protocol, answer: `web:9001/${protocol}` },
  { port: 7001, protocol, answer: `web:7081/${protocol}` },
])

describe.skipIf(process.getuid?.() !== 0).each(['nft', 'legacy'] as const)('ports published by rules, %s', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-rules-'))
  const passed: Record<string, number> = {}
  let sandbox: Sandbox
  let host: SandboxHost
  let agent: AgentInside
  let spots: Record<string, Spot> = {}
  /** What every host has before. */
  let before: string

  beforeAll(async () => {
    sandbox = await createSandbox({ name: `t-rules-${engine}` })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    if (engine === 'legacy') await chooseLegacy(host)
    await host.docker('network', 'create', 'far')
    await host.docker('run', '-d', '--name', 'near', ...SLEEP)
    await host.docker('run', '-d', '--name', 'web', ...SLEEP)
    await host.docker('run', '-d', '--name', 'afar', '--network', 'far', ...SLEEP)
    before = await rules()
    agent = await startAgentInside(host, folder)
  }, 60_000)
  afterAll(async () => {
    await closeSpots()
    await agent?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(`published by rules, ${engine}: ${JSON.stringify(passed)}`)
  })

  const rules = async (): Promise<string> => (await host.run(['iptables-save'])).replaceAll(/^#.*\n| \[\d+:\d+\]/gm, '')

  const done = async (what: 'publish' | 'unpublish', publish: string, container = 'web') => {
    const run = () => agent.run({ do: `port.${what}`, container, publish, by: 'rules' })
    let answer = await run()
    // What was flushed may be put back between what is shown and what is run.
    if (answer.kind === 'moved') answer = await run()
    expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'change', change: { state: 'done' } })
    return answer.kind === 'change' ? answer.change.id : ''
  }

  /** The containers' namespaces are others after each start. */
  async function openSpots(): Promise<void> {
    await closeSpots()
    const inside = async (name: string) => openSpot({ name, place: host, into: await intoContainer(host, name) })
    spots = {
      outside: await openSpot({ name: 'outside', place: sandbox.outside }),
      host: await openSpot({ name: 'host', place: host }),
      'same network': await inside('near'),
      'other network': await inside('afar'),
      hairpin: await inside('web'),
    }
    await spots.hairpin?.serve(SERVED)
  }
  async function closeSpots(): Promise<void> {
    for (const spot of Object.values(spots)) await spot.close()
    spots = {}
  }

  /** Tries all doors from every place, the container itself among them; gives what was not answered as it should be. */
  async function missing(): Promise<string[]> {
    const tries = DOORS.flatMap((door) => Object.entries(spots).map(([place, spot]) => ({ door, place, spot })))
    const failed = await Promise.all(
      tries.map(async ({ door: { answer, ...door }, place, spot }) => {
        const came = await spot.reach({ ...door, address: host.address })
        return came === answer ? [] : [`${place} → ${door.port}/${door.protocol}: ${came}`]
      }),
    )
    return failed.flat()
  }

  async function allReached(what: string): Promise<void> {
    await openSpots()
    await vi.waitFor(async () => expect(await missing()).toEqual([]), { timeout: 20_000, interval: 200 })
    passed[what] = DOORS.length * Object.keys(spots).length
  }

  /** The container gets another address, for somebody else has its old one. */
  async function moveContainer(taker: string): Promise<void> {
    const address = () => host.docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'web')
    const was = await address()
    await host.docker('stop', 'web')
    await host.docker('run', '-d', '--name', taker, ...SLEEP)
    await host.docker('start', 'web')
    expect(await address()).not.toBe(was)
  }

  it('leave nothing behind when they are unpublished, or their container is removed', { timeout: 60_000 }, async () => {
    await done('publish', '8080:80')
    await done('publish', '8443:443/udp')
    expect(await rules()).toMatch(/hopscope:web:8080->80\/tcp[\s\S]*hopscope:web:8443->443\/udp/)
    await done('unpublish', '8080:80')
    await done('unpublish', '8443:443/udp')
    expect(await rules()).toBe(before)
    await host.docker('run', '-d', '--name', 'brief', ...SLEEP)
    await done('publish', '8080:80', 'brief')
    await host.docker('rm', '-f', 'brief')
    await vi.waitFor(async () => expect(await rules()).toBe(before), { timeout: 20_000, interval: 200 })
  })

  it('are reached in every form from everywhere', { timeout: 60_000 }, async () => {
    for (const form of formsAt(host.address))
      for (const protocol of ['tcp', 'udp']) await done('publish', `${form}/${protocol}`)
    await allReached('every form')
  })

  it('refuse what somebody has, by name', async () => {
    const answer = await agent.run({ do: 'port.publish', container: 'near', publish: '8080:80', by: 'rules' })
    expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'PORT_TAKEN', params: { by: 'web' } } })
  })

  it('come back after their rules were flushed or replaced', { timeout: 60_000 }, async () => {
    await host.run(['iptables', '-t', 'nat', '-F', 'HOPSCOPE-PREROUTING'])
    await allReached('flush of a chain')
    await host.run(['iptables-restore'], { input: before.replaceAll(/^(:\S+ \S+)$/gm, '$1 [0:0]') })
    await allReached('restored ruleset')
    await host.run(['iptables', '-F'])
    await allReached('flush of all filter rules')
    await host.run(['iptables-restore'], { input: before.replaceAll(/^(:\S+ \S+)$/gm, '$1 [0:0]') })
  })

  it('follow the container to another address', { timeout: 60_000 }, async () => {
    const undone = await done('publish', '8444:444')
    await moveContainer('taker')
    await allReached('another address')
    // What is undone is not what was written then, but what it has become.
    expect(await agent.undo(undone)).toMatchObject({ kind: 'change', change: { state: 'undone' } })
    expect(await rules()).not.toMatch(/8444/)
  })

  // The same for both; a skipped test would be one too many.
  if (engine === 'nft')
    it('outlive the agent and dockerd', { timeout: 120_000 }, async () => {
      await agent.close()
      await moveContainer('taker2')
      agent = await startAgentInside(host, folder)
      await allReached('agent restarted')
      await closeSpots()
      await host.restartDocker()
      const running = () => host.docker('ps', '-q', '--filter', 'name=web|near|afar')
      await vi.waitFor(async () => expect((await running()).split('\n').length).toBe(3), {
        timeout: 30_000,
        interval: 200,
      })
      await allReached('dockerd restarted')
    })

  if (engine === 'nft')
    it('lead IPv6 packets as well', { timeout: 60_000 }, async () => {
      await closeSpots()
      const address = 'fd00:99::11'
      await host.run(['ip', 'address', 'add', `${address}/64`, 'dev', 'ens33', 'nodad'])
      await sandbox.fabric.run(['ip', 'address', 'add', 'fd00:99::1/64', 'dev', 'switch', 'nodad'])
      await host.docker('network', 'create', '--ipv6', '--subnet', 'fd00:77::/64', 'six')
      await host.docker('run', '-d', '--name', 'web6', '--network', 'six', ...SLEEP)
      for (const protocol of ['tcp', 'udp']) await done('publish', `8086:80/${protocol}`, 'web6')
      const hairpin = await openSpot({ name: 'web6', place: host, into: await intoContainer(host, 'web6') })
      const near = await openSpot({ name: 'host', place: host })
      const outside = await openSpot({ name: 'outside', place: sandbox.fabric })
      spots = { outside, host: near, hairpin }
      await hairpin.serve([80])
      // Addresses are looked for on the wire before they are used, for a second or two after they are given.
      const reached = async () => {
        for (const protocol of ['tcp', 'udp'] as const)
          for (const [place, spot] of Object.entries(spots))
            expect(await spot.reach({ address, port: 8086, protocol }), `${place} → ${protocol}`).toBe(
              `web6:80/${protocol}`,
            )
      }
      await vi.waitFor(reached, { timeout: 20_000, interval: 200 })
      await host.docker('rm', '-f', 'web6')
      const left = async () => (await host.run(['ip6tables-save'])).split('\n').filter((line) => /hopscope/i.test(line))
      await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000, interval: 200 })
    })

  it('go with their container', { timeout: 60_000 }, async () => {
    await closeSpots()
    await host.docker('rm', '-f', 'web')
    const left = async () => (await rules()).split('\n').filter((line) => /hopscope/i.test(line))
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000, interval: 200 })
  })
})
