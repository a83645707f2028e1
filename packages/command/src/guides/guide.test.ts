import { addressId, type HostSnapshot, type Link, type RecordKind, type RecordOf, recordsOf } from '@hopscope/model'
import { type Command, type GuideInputs, guideSchema, type Handmade, type Router } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { expectedAfter, planCommand, say } from '../index.ts'
import { type GuideStep, guide } from './guide.ts'
import { handmadeDefaults, withoutNetwork } from './handmade.ts'
import { routerDefaults } from './router.ts'

const host = generateHost({ containers: 46, handMade: 2, sandbox: 'demo' })
const root = host.host.rootNetns
const alone = withoutNetwork(host)[0]?.name ?? ''

const stepsOf = (inputs: GuideInputs, snapshot: HostSnapshot): readonly GuideStep[] => {
  const guided = guide(inputs, snapshot)
  if ('refused' in guided) throw new Error(`refused: ${guided.refused.code}`)
  return guided.steps
}
const statesOf = (inputs: GuideInputs, snapshot: HostSnapshot) =>
  stepsOf(inputs, snapshot).map(({ state }) => state.kind)
const refusalOf = (inputs: GuideInputs, snapshot = host) => {
  const guided = guide(inputs, snapshot)
  return 'refused' in guided ? guided.refused : undefined
}
const foresee = (snapshot: HostSnapshot, command: Command): HostSnapshot => {
  const after = expectedAfter(command, snapshot)
  if (after === undefined) throw new Error(`cannot work: ${JSON.stringify(command)}`)
  return after
}
/** The host once the first steps were run. */
function hostAfter(count: number, inputs: GuideInputs): HostSnapshot {
  return stepsOf(inputs, host)
    .slice(0, count)
    .reduce((now, { command }) => foresee(now, command), host)
}
const changed = <K extends RecordKind>(snapshot: HostSnapshot, kind: K, record: RecordOf<K>): HostSnapshot => ({
  ...snapshot,
  records: { ...snapshot.records, [kind]: { ...snapshot.records[kind], [record.id]: record } },
})
const linkOf = (snapshot: HostSnapshot, name: string, netns = root): Link => {
  const link = recordsOf(snapshot, 'link').find((one) => one.netns === netns && one.name === name)
  if (link === undefined) throw new Error(`no link ${name}`)
  return link
}

const byHand: Handmade = handmadeDefaults(host)
const plain: Router = routerDefaults(host)
/** Two segments with a host each, made by the other guide's own foresight. */
const segments = ['left', 'right'].reduce((now, side, i) => {
  const bridge = `seg-${side}`
  const at = { netns: 'root' }
  const made = [
    { do: 'netns.add', name: side },
    { do: 'bridge.create', ...at, name: bridge },
    { do: 'link.up', ...at, link: bridge },
    { do: 'veth.create', ...at, name: `p-${side}`, peer: { netns: side, name: 'eth0' } },
    { do: 'link.attach', ...at, link: `p-${side}`, bridge },
    { do: 'link.up', ...at, link: `p-${side}` },
    { do: 'link.up', netns: side, link: 'eth0' },
    { do: 'address.add', netns: side, link: 'eth0', address: `10.10.${i + 1}.10/24` },
  ] as const
  return made.reduce(foresee, now)
}, host)
const joined: Router = routerDefaults(segments)

describe.each<[string, GuideInputs, HostSnapshot]>([
  ['a container’s network by hand', byHand, host],
  ['the same with a gateway elsewhere', { ...byHand, gatewayHere: false, passes: false }, host],
  ['the same in IPv6', { ...byHand, outside: true, address: '2001:db8:88::2/64', gateway: '2001:db8:88::1' }, host],
  ['the same with a way outside', { ...byHand, outside: true }, host],
  ['a router with two new segments', plain, host],
  ['a router between two segments with hosts', joined, segments],
  [
    'a router in IPv6',
    {
      ...plain,
      left: { ...plain.left, address: '2001:db8:1::1/64' },
      right: { ...plain.right, address: '2001:db8:2::1/64' },
    },
    host,
  ],
  ['a container as the router', { ...plain, router: alone }, host],
])('%s', (_, inputs, start) => {
  it('is valid input as it is', () => expect(guideSchema.parse(inputs)).toEqual(inputs))

  it('never refuses on its way, goes on wherever it was left, and is done at its end', () => {
    const all = stepsOf(inputs, start)
    let now = start
    for (const [at, step] of all.entries()) {
      const steps = stepsOf(inputs, now)
      const before = steps.slice(0, at)
      expect(
        before.every(({ state }) => state.kind === 'done'),
        `before ${at}`,
      ).toBe(true)
      const planned = planCommand(step.command, now)
      if (all[at]?.state.kind === 'done') continue
      expect(planned, JSON.stringify(step.command)).toHaveProperty('plan')
      expect(steps[at]?.state.kind, say(step.title)).toBe('next')
      // What was shown for it from the start is what it comes to, but for the numbers of namespaces yet to be made.
      expect(steps[at]?.shell).toEqual(step.shell)
      if ('plan' in planned) expect(planned.plan.title, 'the title is the plan’s').toEqual(step.title)
      now = foresee(now, step.command)
    }
    expect([...new Set(statesOf(inputs, now))]).toEqual(['done'])
  })

  it('is pure', () => {
    const before = JSON.stringify(start)
    expect(guide(inputs, start)).toEqual(guide(inputs, start))
    expect(JSON.stringify(start)).toBe(before)
  })
})

describe('a container’s network by hand', () => {
  it('shows the commands that a person would type', () => {
    const { pid } = withoutNetwork(host)[0] ?? {}
    const lines = stepsOf(byHand, host).flatMap(({ shell }) => shell.filter((line) => !line.includes(' alias ')))
    expect(lines).toEqual([
      'ip link add name br-hand type bridge',
      'ip link set dev br-hand up',
      'ip address add 10.88.1.1/24 broadcast + dev br-hand',
      `ip link add name veth-${alone} type veth peer name end-${alone}`,
      `ip link set dev veth-${alone} master br-hand`,
      `ip link set dev veth-${alone} up`,
      `ip link set dev end-${alone} netns ${pid}`,
      `nsenter -t ${pid} -n ip link set dev end-${alone} name eth0`,
      `nsenter -t ${pid} -n ip link set dev eth0 up`,
      `nsenter -t ${pid} -n ip address add 10.88.1.2/24 broadcast + dev eth0`,
      `nsenter -t ${pid} -n ip route add default via 10.88.1.1`,
      'sysctl -w net.bridge.bridge-nf-call-iptables=0',
    ])
  })

  it('recognises what was done by hand in another order', () => {
    // The pair made with its end in the container at once, named eth0.
    const made = foresee(hostAfter(3, byHand), {
      ...{ do: 'veth.create', netns: 'root', name: byHand.link },
      peer: { netns: alone, name: 'eth0' },
    })
    const done = [0, 1, 2, 3, 6, 7]
    expect(statesOf(byHand, made).flatMap((state, i) => (state === 'done' ? [i] : []))).toEqual(done)
    expect(statesOf(byHand, made)[4]).toBe('next')
  })

  it('takes a step up again that was undone elsewhere', () => {
    const whole = hostAfter(12, byHand)
    const bridge = linkOf(whole, byHand.bridge)
    const down = changed(whole, 'link', { ...bridge, flags: bridge.flags.filter((flag) => flag !== 'UP') })
    expect(statesOf(byHand, down).flatMap((state, i) => (state === 'done' ? [] : [`${i} ${state}`]))).toEqual([
      '1 next',
    ])
  })

  it('goes to the bridge that was made for the container before, with the next address', () => {
    const next = handmadeDefaults(hostAfter(12, byHand), { container: alone })
    expect(next).toMatchObject({ bridge: 'br-hand', gateway: '10.88.1.1', address: '10.88.1.3/24' })
    expect(next.link).not.toBe(byHand.link)
  })

  it('knows from the start what will not work', () => {
    const taken = foresee(host, { do: 'netns.add', name: 'else' })
    const other = foresee(taken, {
      do: 'veth.create',
      netns: 'root',
      name: byHand.link,
      peer: { netns: 'else', name: 'x' },
    })
    expect(stepsOf(byHand, other)[3]?.state).toMatchObject({
      kind: 'refused',
      refusal: { code: 'NAME_TAKEN', field: 'link' },
    })
    expect(statesOf(byHand, other).slice(4, 11)).toEqual(Array(7).fill('waiting'))
    expect(stepsOf({ ...byHand, bridge: 'ens33' }, host)[0]?.state).toMatchObject({
      refusal: { code: 'NAME_TAKEN', field: 'bridge' },
    })
  })

  it.each<[Partial<Handmade>, string, string]>([
    [{ container: 'nobody' }, 'CONTAINER_MISSING', 'container'],
    [{ container: 'web' }, 'NETWORK_GIVEN', 'container'],
    [{ outside: true, gatewayHere: false }, 'GATEWAY_ELSEWHERE', 'outside'],
    [{ gateway: '10.99.0.1' }, 'OUTSIDE_SUBNET', 'gateway'],
    [{ gateway: '10.88.1.2' }, 'SAME_TWICE', 'gateway'],
    [{ peer: byHand.link }, 'SAME_TWICE', 'link'],
    [{ peer: 'br-hand' }, 'SAME_TWICE', 'peer'],
    [{ address: '172.17.0.9/16', gateway: '172.17.0.8' }, 'SUBNET_TAKEN', 'address'],
    [{ bridge: 'docker0', address: '172.17.0.1/16', gateway: '172.17.0.8' }, 'ADDRESS_IN_USE', 'address'],
  ])('refuses %j', (wrong, code, field) => {
    expect(refusalOf({ ...byHand, ...wrong })).toMatchObject({ code, field })
  })
})

describe('a router', () => {
  it('is proposed between two segments that are there, with the ways that their hosts need', () => {
    expect(joined).toMatchObject({
      left: { bridge: 'seg-left', address: '10.10.1.1/24', hosts: ['left'] },
      right: { bridge: 'seg-right', address: '10.10.2.1/24', hosts: ['right'] },
    })
    const lines = stepsOf(joined, segments).flatMap(({ shell }) => shell)
    expect(lines).toContain('ip -n left route add 10.10.2.0/24 via 10.10.1.1')
    expect(lines).toContain('ip -n right route add 10.10.1.0/24 via 10.10.2.1')
  })

  it.each<[Partial<Router>, string, string]>([
    [{ router: 'root' }, 'ROUTER_IS_HOST', 'router'],
    [{ right: { ...plain.right, bridge: plain.left.bridge } }, 'SAME_TWICE', 'right.bridge'],
    [{ right: { ...plain.right, link: plain.left.bridge } }, 'SAME_TWICE', 'right.link'],
    [{ right: { ...plain.right, address: '10.88.1.7/24' } }, 'SUBNET_TAKEN', 'right.address'],
    [{ right: { ...plain.right, address: '2001:db8::1/64' } }, 'FAMILY_MIXED', 'right.address'],
    [{ left: { ...plain.left, hosts: ['nobody'] } }, 'NETNS_MISSING', 'left.hosts'],
  ])('refuses %j', (wrong, code, field) => {
    expect(refusalOf({ ...plain, ...wrong })).toMatchObject({ code, field })
  })

  it('refuses an address that a host of the segment has', () => {
    const wrong = { ...joined, left: { ...joined.left, address: '10.10.1.10/24' } }
    expect(refusalOf(wrong, segments)).toMatchObject({ code: 'ADDRESS_IN_USE', field: 'left.address' })
  })
})

describe('inputs', () => {
  it('are refused with a key that nobody knows, and with words that are options', () => {
    expect(guideSchema.safeParse({ ...byHand, more: 1 }).success).toBe(false)
    for (const key of ['container', 'bridge', 'link', 'peer', 'name', 'address', 'gateway'] as const) {
      for (const word of ['-x', 'a;b c', '', 'x'.repeat(300), 'a\nb']) {
        expect(guideSchema.safeParse({ ...byHand, [key]: word }).success, `${key} ${word}`).toBe(false)
      }
    }
  })

  it('follow a bridge that is known', () => {
    const at = handmadeDefaults(host, { container: alone, bridge: 'docker0' })
    expect(at).toMatchObject({ bridge: 'docker0', gateway: '172.17.0.1', address: '172.17.255.254/16', passes: false })
    expect([...new Set(statesOf(at, host))]).toEqual(['done', 'next', 'waiting'])
    const known = routerDefaults(segments, { left: 'seg-right', right: 'fresh' })
    expect(known.left).toMatchObject({ bridge: 'seg-right', hosts: ['right'], address: '10.10.2.1/24' })
    expect(known.right).toMatchObject({ bridge: 'fresh', hosts: [], address: '10.88.1.1/24' })
    expect(routerDefaults(segments, { right: 'seg-left' }).left.bridge).toBe('seg-right')
  })

  it('by default take no subnet that is known', () => {
    const at = { netns: root, index: 1, local: '10.88.1.77', prefixLength: 24 }
    const address = { id: addressId(at), ...at, family: 'inet' as const, scope: 'global', flags: [] }
    expect(handmadeDefaults(changed(host, 'address', address)).address).toBe('10.88.2.2/24')
  })
})
