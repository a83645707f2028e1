import { publishForm } from '@hopscope/command'
import { type Container, type DockerNetwork, type HostSnapshot, recordsOf } from '@hopscope/model'
import { ownPortsIn, publishText } from '@hopscope/topology'
import { type Draft, draft } from './draft.ts'
import { netnsActions } from './netnsActions.ts'

/** What can be done to a container, and in its namespace while it runs. */
export function containerActions(container: Container, snapshot: HostSnapshot): Draft[] {
  const { name, state, netns, networkMode, attachments } = container
  const is = (label: Draft['label'], command: Draft['do'], more: Draft['values'] = {}) =>
    draft(label, command, { container: name, ...more }, name)
  const runs = ['running', 'paused', 'restarting'].includes(state)
  const shared = networkMode === 'host' || networkMode.startsWith('container:')
  return [
    ...(runs ? [is('stop', 'container.stop'), is('restart', 'container.restart')] : [is('start', 'container.start')]),
    ...(shared ? [] : [is('connect', 'network.connect')]),
    ...(attachments.length > 0 && !shared ? [is('disconnect', 'network.disconnect')] : []),
    ...(runs && !shared && networkMode !== 'none' ? [publishing(name)] : []),
    ...unpublishing(container, snapshot),
    ...(netns === undefined || netns === snapshot.host.rootNetns ? [] : netnsActions(snapshot, netns, 'inside')),
    is('removeContainer', 'container.remove'),
  ]
}

/** Rules work at once, so that they stand first. */
const publishing = (container: string): Draft => {
  const one = draft('publish', 'port.publish', { container }, container)
  return { ...one, values: { container, by: 'rules' } }
}

/** Begins with the first port that it has, those of our rules before Docker's. */
function unpublishing({ name, requestedPorts }: Container, snapshot: HostSnapshot): Draft[] {
  const own = ownPortsIn(snapshot).find(({ port }) => port.container === name)?.port
  const [docker] = requestedPorts
  const first = own
    ? { publish: publishText(own), by: 'rules' }
    : docker && { publish: publishForm(docker), by: 'recreate' }
  if (first === undefined) return []
  const one = draft('unpublish', 'port.unpublish', { container: name }, name)
  return [{ ...one, values: { container: name, ...first } }]
}

/** Docker makes these by itself. */
const BUILT_IN = ['bridge', 'host', 'none', 'ingress', 'docker_gwbridge']

export function networkActions({ name, networkId }: DockerNetwork, snapshot: HostSnapshot): Draft[] {
  const used = recordsOf(snapshot, 'container').some(({ attachments }) =>
    attachments.some((one) => one.networkId === networkId),
  )
  const alone = name === 'host' || name === 'none'
  return [
    { label: 'runHere', do: 'container.create', values: { network: name }, fixed: ['network'], object: name },
    ...(alone ? [] : [draft('connectTo', 'network.connect', { network: name }, name)]),
    ...(used && !alone ? [draft('disconnectFrom', 'network.disconnect', { network: name }, name)] : []),
    ...(BUILT_IN.includes(name) || used ? [] : [draft('deleteNetwork', 'network.delete', { network: name }, name)]),
  ]
}
