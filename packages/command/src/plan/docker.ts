import { type Attachment, type Container, type DockerNetwork, type HostSnapshot, recordsOf } from '@hopscope/model'
import { type Expect, type Program, Refused } from '../plan.ts'

/** Containers and networks with this label were made by Hopscope: they may be changed without their name being typed. */
export const DOCKER_LABEL = ['--label', 'hopscope=made'] as const
export const isOurs = ({ labels }: { labels: Record<string, string> }): boolean => labels.hopscope === 'made'

/** Runs "docker" with these words. */
export const docker = (snapshot: HostSnapshot, ...words: string[]): Program => ({
  place: snapshot.host.rootNetns,
  argv: ['docker', ...words],
})

export function requireDocker(snapshot: HostSnapshot): void {
  if (recordsOf(snapshot, 'dockerEngine').length === 0) throw new Refused('DOCKER_MISSING')
}

/** A container by its name or id. Throws Refused. */
export function findContainer(snapshot: HostSnapshot, ref: string, field = 'container'): Container {
  requireDocker(snapshot)
  const all = recordsOf(snapshot, 'container')
  const found =
    all.find(({ name }) => name === ref) ??
    all.find(({ containerId }) => ref.length >= 12 && containerId.startsWith(ref))
  if (found === undefined) throw new Refused('CONTAINER_MISSING', { container: ref }, field)
  return found
}

export function findNetwork(snapshot: HostSnapshot, ref: string, field = 'network'): DockerNetwork {
  requireDocker(snapshot)
  const all = recordsOf(snapshot, 'dockerNetwork')
  const found =
    all.find(({ name }) => name === ref) ?? all.find(({ networkId }) => ref.length >= 12 && networkId.startsWith(ref))
  if (found === undefined) throw new Refused('NETWORK_MISSING', { network: ref }, field)
  return found
}

/** Containers and networks by id and name: one of the same name may be another one by now. */
export const expectContainer = ({ id, name, containerId }: Container): Expect => ({
  ...{ kind: 'record', of: 'container', id, name },
  was: dockerText(name, containerId),
})
export const expectNetwork = ({ id, name, networkId }: DockerNetwork): Expect => ({
  ...{ kind: 'record', of: 'dockerNetwork', id, name },
  was: dockerText(name, networkId),
})
/** As "docker ps" and "docker network ls" tell them. */
export const dockerText = (name: string, id: string): string => `${id.slice(0, 12)} ${name}`

/** The name to be typed before something that is not ours is changed; nothing needs one in a sandbox. */
export function confirmOf(snapshot: HostSnapshot, one: { name: string; labels: Record<string, string> }) {
  return snapshot.host.vantage.kind === 'sandbox' || isOurs(one) ? {} : { confirm: one.name }
}

export const attachmentsTo = (
  snapshot: HostSnapshot,
  network: DockerNetwork,
): { container: Container; at: Attachment }[] =>
  recordsOf(snapshot, 'container').flatMap((container) =>
    container.attachments
      .filter(
        ({ networkId, network: name }) =>
          networkId === network.networkId || (networkId === '' && name === network.name),
      )
      .map((at) => ({ container, at })),
  )
