import type { Container } from '@hopscope/model'
import type { DockerEvent } from './shapes.ts'

/** What must be read again. */
export type Affected = {
  everything: boolean
  containers: Set<string>
  networks: Set<string>
  /** The list of networks: some come and go without an event of their own (swarm). */
  networkList: boolean
  images: boolean
  engine: boolean
}

export const nothing = (): Affected => ({
  everything: false,
  containers: new Set(),
  networks: new Set(),
  networkList: false,
  images: false,
  engine: false,
})

export const isNothing = ({ everything, containers, networks, networkList, images, engine }: Affected): boolean =>
  !(everything || containers.size > 0 || networks.size > 0 || networkList || images || engine)

/** Adds what an event of `docker events` makes out of date. */
export function addAffected(affected: Affected, event: DockerEvent, known: () => readonly Container[]): void {
  const { Type, Action, Actor } = event
  if (Type === 'container') addContainer(affected, Actor.ID, Action, known)
  else if (Type === 'network') addNetwork(affected, event, known)
  else if (Type === 'daemon') Object.assign(affected, { engine: true, networkList: true, images: true })
  else if (Type === 'image') affected.images = true
  // A node that joins, leaves or is promoted changes the swarm's state and with it the ingress network.
  else if (Type === 'node') Object.assign(affected, { engine: true, networkList: true })
}

function addContainer(affected: Affected, id: string, action: string, known: () => readonly Container[]): void {
  // Commands run inside by `docker exec` and by health checks: many, and none of our facts.
  if (/^(exec_|attach|detach|resize|top|copy|export|archive-path|extract-to-dir|commit)/.test(action)) return
  affected.containers.add(id)
  for (const container of known()) if (isDependent(container, id, known)) affected.containers.add(container.containerId)
}

/** Its /etc/hosts changes with the other one: it shares the file, or names the other by --link. */
function isDependent(container: Container, id: string, known: () => readonly Container[]): boolean {
  if (container.networkMode === `container:${id}`) return true
  if (container.links.length === 0) return false
  const name = known().find(({ containerId }) => containerId === id)?.name
  return container.links.some((link) => link.startsWith(`${name}:`))
}

function addNetwork(
  affected: Affected,
  { Action, Actor, scope }: DockerEvent,
  known: () => readonly Container[],
): void {
  affected.networks.add(Actor.ID)
  if (scope === 'swarm' || Actor.Attributes.type === 'overlay')
    Object.assign(affected, { networkList: true, engine: true })
  const container = Actor.Attributes.container
  if ((Action === 'connect' || Action === 'disconnect') && container) affected.containers.add(container)
  // A container that does not run may know its networks by name only: which one that is changes with them, without a word.
  if (Action === 'create' || Action === 'destroy')
    for (const { containerId, attachments } of known())
      if (attachments.some(({ networkId, network }) => networkId === Actor.ID || network === Actor.Attributes.name))
        affected.containers.add(containerId)
}
