import type { HostSnapshot } from '@hopscope/model'
import { predict } from '@hopscope/path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Observation, observe } from '../oracle/observed.ts'
import { Dice } from './dice.ts'

const seed = Number(process.env.HOPSCOPE_SEED ?? 1)
const LINKS = ['x1', 'x2', 'x3']
const HOSTS = ['fd00:a::', 'fd00:a:0:1::', 'fd00:b::', '2001:db8:a::', '2001:db8:b::', '2002:c000:204::']
const PREFIXES = [
  'fd00::/16',
  'fd00:a::/32',
  'fd00:b::/48',
  'fd00:b::/64',
  '2001:db8::/32',
  '2001:db8:b::/48',
  'default',
]

/** What the kernel says: the link, the next hop and the source; `refused` where it would not send. */
const choiceSchema = z.object({
  dev: z.string(),
  gateway: z.string().optional(),
  prefsrc: z.string().optional(),
})
type Choice = z.infer<typeof choiceSchema> | 'refused'

describe.skipIf(process.getuid?.() !== 0)('routes and sources of IPv6, as the kernel chooses them', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let observation: Observation

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-routes6', docker: false })
    host = sandbox.host('t-routes6-1')
    await host.run(['sysctl', '-qw', 'net.ipv6.conf.default.dad_transmits=0'])
    for (const link of LINKS) {
      await host.run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}-end`])
      for (const end of [link, `${link}-end`]) await host.run(['ip', 'link', 'set', end, 'up'])
    }
    observation = await observe(host)
  })
  afterAll(async () => {
    await observation?.close()
    await sandbox?.down()
  })

  it(`[P5] [P14] random tables, seed ${seed}`, async () => {
    const random = new Dice(seed)
    let known = 0
    for (let round = 0; round < 6; round++) {
      const made = await randomTables(host, random)
      const { snapshot } = await observation.audit()
      const targets = Array.from({ length: 60 }, () => `${random.pick(HOSTS)}${random.between(1, 9).toString(16)}`)
      const compared = await Promise.all([...new Set(targets)].map((to) => comparedFor(host, snapshot, to)))
      const certain = compared.filter((one) => one !== undefined)
      const wrong = certain.filter(({ ours, theirs }) => JSON.stringify(ours) !== JSON.stringify(theirs))
      expect({ wrong, made: wrong.length > 0 ? made : [] }).toEqual({ wrong: [], made: [] })
      known += certain.length
    }
    expect(known).toBeGreaterThan(50)
  })
})

/** Undefined where the prediction does not know what is chosen; what becomes of the packet later is another matter. */
async function comparedFor(host: SandboxHost, snapshot: HostSnapshot, to: string) {
  const from = { kind: 'netns' as const, netns: snapshot.host.rootNetns }
  const { forward } = predict(snapshot, { from, to, protocol: 'udp', port: 9 })
  const route = forward.hops.find((hop) => hop.kind === 'route')
  if (route === undefined || (route.result === 'unicast' && forward.outcome.what === 'a source address'))
    return undefined
  const theirs = await chosen(host, to)
  const src = forward.hops.find(({ kind }) => kind === 'send')?.flow?.src
  const dev = route.result === 'local' ? 'lo' : route.out?.name
  const ours = ['unicast', 'local'].includes(route.result) ? [dev, route.gateway, src] : 'refused'
  return { to, ours, theirs: theirs === 'refused' ? theirs : [theirs.dev, theirs.gateway, theirs.prefsrc] }
}

async function chosen(host: SandboxHost, to: string): Promise<Choice> {
  const { code, stdout } = await host.exec(['ip', '-6', '-json', 'route', 'get', to, 'ipproto', 'udp', 'dport', '9'])
  if (code !== 0) return 'refused'
  const [choice] = z.array(z.looseObject({ type: z.string().optional() })).parse(JSON.parse(stdout))
  return ['unreachable', 'prohibit', 'blackhole'].includes(choice?.type ?? '') ? 'refused' : choiceSchema.parse(choice)
}

/** Addresses, routes and rules instead of those that there were; told as somebody would type them. */
async function randomTables(host: SandboxHost, random: Dice): Promise<string[]> {
  const lines = [
    ...LINKS.map((link) => `address flush dev ${link} scope global`),
    'route flush table 100',
    'rule flush',
    'rule add lookup main priority 32766',
  ]
  for (const link of LINKS)
    for (let i = random.between(0, 2); i > 0; i--) {
      const length = random.pick([64, 64, 48, 128])
      const old = random.chance(0.2) ? ' preferred_lft 0' : ''
      lines.push(
        `address add ${random.pick(HOSTS)}${random.between(1, 9).toString(16)}/${length} dev ${link} nodad${old}`,
      )
    }
  for (let i = random.between(3, 9); i > 0; i--) {
    const metric = random.pick(['', ' metric 100', ' metric 2000'])
    const table = random.chance(0.25) ? ' table 100' : ''
    const link = random.pick(LINKS)
    const lead = random.pick([`dev ${link}`, `dev ${link}`, `via fe80::${random.between(1, 3)} dev ${link}`])
    const refusing = random.pick(['unreachable', 'prohibit', 'blackhole', 'throw'])
    const to = random.pick(PREFIXES)
    lines.push(
      random.chance(0.2) ? `route add ${refusing} ${to}${metric}${table}` : `route add ${to} ${lead}${metric}${table}`,
    )
  }
  const selectors = [
    'to fd00:a::/32',
    'to 2001:db8::/32',
    'ipproto udp',
    'ipproto tcp',
    'dport 9',
    'fwmark 1',
    'not to fd00::/16',
    'iif x1',
  ]
  for (let i = random.between(0, 3); i > 0; i--) {
    const action = random.pick(['lookup 100', 'lookup 100', 'unreachable', 'lookup main suppress_prefixlength 0'])
    lines.push(`rule add ${random.pick(selectors)} ${action} priority ${100 + i}`)
  }
  const done: string[] = []
  for (const line of lines) {
    const { code } = await host.exec(['ip', '-6', ...line.split(' ')])
    done.push(`ip -6 ${line}${code === 0 ? '' : ' # refused'}`)
  }
  return done
}
