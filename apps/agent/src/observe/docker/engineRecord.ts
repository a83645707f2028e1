import type { DockerEngine, DockerNetwork } from '@hopscope/model'
import type { DaemonSettings } from './daemon.ts'
import type { Info, ListedImage, Version } from './shapes.ts'

export type EngineFacts = {
  version: Version
  info: Info
  networks: readonly DockerNetwork[]
  settings: DaemonSettings
  /** Absent when they could not be read. */
  images: readonly ListedImage[] | undefined
}

/** The record of the engine; what nobody can tell is absent. Same as `docker version`, `docker info` and daemon.json. */
export function engineRecord({ version, info, networks, settings, images }: EngineFacts): DockerEngine {
  const option = 'com.docker.network.bridge.'
  const fallback = networks.find(({ options }) => options[`${option}default_bridge`] === 'true')
  const icc = fallback?.options[`${option}enable_icc`]
  const backend = info.FirewallBackend?.Driver
  return {
    id: 'engine',
    version: version.Version,
    apiVersion: version.ApiVersion,
    rootDir: info.DockerRootDir,
    swarm: info.Swarm?.LocalNodeState || 'inactive',
    ...(info.Swarm?.NodeID !== undefined && { swarmNodeId: info.Swarm.NodeID }),
    ...(fallback?.bridge !== undefined && { defaultBridge: fallback.bridge }),
    ...(icc !== undefined && { icc: icc === 'true' }),
    ...(settings.userlandProxy !== undefined && { userlandProxy: settings.userlandProxy }),
    ...(settings.iptables !== undefined && { iptables: settings.iptables }),
    ...(backend !== undefined && { firewallBackend: backend }),
    ...(images !== undefined && { images: namesOf(images) }),
  }
}

/** Every name with its image, in order; images without a name cannot be asked for by one. */
function namesOf(images: readonly ListedImage[]): NonNullable<DockerEngine['images']> {
  return images
    .flatMap(({ Id, RepoTags }) => RepoTags.map((name) => ({ name, imageId: Id })))
    .filter(({ name }) => name !== '<none>:<none>')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
