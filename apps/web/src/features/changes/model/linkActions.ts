import { type HostSnapshot, type Link, recordsOf } from '@hopscope/model'
import { netnsRefOf } from './choices.ts'
import { type Draft, draft } from './draft.ts'

/** What a command may set; a loopback has more. */
const MOST = 65_535

/** What can be done to a link. */
export function linkActions(link: Link, snapshot: HostSnapshot): Draft[] {
  const on = { netns: netnsRefOf(snapshot, link.netns), link: link.name }
  const is = (label: Draft['label'], name: Draft['do'], more: Draft['values'] = {}) =>
    draft(label, name, { ...on, ...more }, link.name)
  /** Asks for one more thing, which begins with what it is now. */
  const change = (label: Draft['label'], name: Draft['do'], now: Draft['values']): Draft => {
    const one = is(label, name)
    return { ...one, values: { ...one.values, ...now } }
  }
  const loopback = link.type === 'loopback'
  const up = link.flags.includes('UP')
  const ethernet = link.type === 'ether' && link.address !== undefined
  const plugged = link.master !== undefined && link.port !== undefined
  const promiscuous = link.flags.includes('PROMISC')
  return [
    up ? is('down', 'link.down') : is('up', 'link.up'),
    is('addAddress', 'address.add'),
    ...(link.info.kind === 'bridge' ? bridgeActions(link, snapshot, on) : []),
    ...(loopback || plugged || link.info.kind === 'bridge' ? [] : [is('attach', 'link.attach')]),
    ...(plugged ? [is('detach', 'link.detach')] : []),
    ...(loopback ? [] : [change('rename', 'link.rename', { to: link.name })]),
    change('mtu', 'link.mtu', { mtu: link.mtu > MOST ? '' : String(link.mtu) }),
    ...(ethernet ? [change('mac', 'link.mac', { mac: link.address ?? '' })] : []),
    is(promiscuous ? 'promiscOff' : 'promiscOn', 'link.promisc', { on: promiscuous ? '' : 'on' }),
    ...(loopback || plugged || link.info.kind === 'bridge' ? [] : [is('move', 'link.move')]),
    ...(ethernet && !plugged ? [macvlanOn(link, on)] : []),
    ...neighbourActions(link, snapshot, is),
    ...(plugged ? [is('addFdb', 'fdb.add')] : []),
    change('linkSwitch', 'sysctl.set', { key: 'rp_filter' }),
    ...(loopback || link.info.kind === 'device' ? [] : [is('delete', 'link.delete')]),
  ]
}

type On = { netns: string; link: string }

function bridgeActions(bridge: Link, snapshot: HostSnapshot, { netns, link }: On): Draft[] {
  const ports = recordsOf(snapshot, 'link').filter(
    ({ netns: at, master }) => at === bridge.netns && master === bridge.index,
  )
  const indices = new Set(ports.map(({ index }) => index))
  const learned = recordsOf(snapshot, 'fdb').some(
    ({ netns: at, index, state, self }) => at === bridge.netns && indices.has(index) && state === 'learned' && !self,
  )
  return [
    draft('plugIn', 'link.attach', { netns, bridge: link }, link),
    ...(learned ? [draft('flushFdb', 'fdb.flush', { netns, bridge: link }, link)] : []),
  ]
}

const macvlanOn = ({ name }: Link, { netns }: On): Draft => {
  const one = draft('macvlan', 'macvlan.create', { netns, parent: name }, name)
  return { ...one, values: { ...one.values, mode: 'bridge' } }
}

function neighbourActions(
  link: Link,
  snapshot: HostSnapshot,
  is: (label: Draft['label'], name: Draft['do']) => Draft,
): Draft[] {
  const known = recordsOf(snapshot, 'neighbour').some(
    ({ netns, index, proxy, state }) => netns === link.netns && index === link.index && !proxy && state !== 'NOARP',
  )
  const canHave = link.type === 'ether' && link.address !== undefined && link.flags.includes('UP')
  return [
    ...(canHave ? [is('addNeighbour', 'neighbour.add')] : []),
    ...(known ? [is('flushNeighbours', 'neighbour.flush')] : []),
  ]
}
