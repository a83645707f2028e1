import type { DockerNetwork } from '@hopscope/model'

export type Names = { label: string; detail?: string }

/** A Docker bridge: the network's name before the link's, but for `docker0`, which everybody knows by that name. */
export function namesOf(network: DockerNetwork, link: string | undefined, subnet: string | undefined): Names {
  if (link === undefined || link === network.name) return { label: network.name, ...detailOf(subnet) }
  if (isDefault(network)) return { label: link, ...detailOf(subnet, network.name) }
  return { label: network.name, ...detailOf(link, subnet) }
}

/** A macvlan or ipvlan network: `lan`, `macvlan · ens33 · 192.168.50.0/24`. */
export function hangingNames({ name, driver, parent, ipam }: DockerNetwork): Names {
  return { label: name, ...detailOf(driver, parent, ipam[0]?.subnet) }
}

/** What is known of several things, as one line; no detail when nothing is. */
export function detailOf(...parts: readonly (string | undefined)[]): { detail?: string } {
  const detail = parts.filter((p) => p !== undefined && p !== '').join(' · ')
  return detail === '' ? {} : { detail }
}

export const isDefault = (network: DockerNetwork): boolean =>
  network.name === 'bridge' || network.options['com.docker.network.bridge.default_bridge'] === 'true'
