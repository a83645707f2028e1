import { SandboxError } from '../errors.ts'
import type { Sandbox } from '../sandbox.ts'
import { fillContainers } from './containers.ts'
import { joinLan, joinMesh } from './joined.ts'
import { fillNamespaces } from './namespaces.ts'
import { addDockerUserRules, addLegacyRule, addNativeTable } from './rules.ts'
import { sendTraffic } from './traffic.ts'

export type FillOptions = { onProgress?: (text: string) => void }
export type Filled = { leftOut: { what: string; because: string }[] }

/**
 * Fills a sandbox with one of everything that the map can show; without Docker, with the hand-made part only. What is
 * there already is left alone, so a second call completes a first that was cut short. A part that this kernel or machine
 * cannot have (no macvlan, no iptables-legacy) is left out and named in the result. So is the traffic over the overlay
 * within a minute after a restart of the swarm manager's engine, which needs that long to find its workers again.
 */
export async function fillDemo(sandbox: Sandbox, { onProgress }: FillOptions = {}): Promise<Filled> {
  const [first] = sandbox.hosts
  const leftOut: Filled['leftOut'] = []
  if (first === undefined) return { leftOut }
  const start = performance.now()
  const part = async (what: string, make: () => Promise<void>) => {
    try {
      await make()
      onProgress?.(`${what} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      leftOut.push({ what, because: error.message })
      onProgress?.(`left out: ${what}: ${error.message}`)
    }
  }
  const docker = sandbox.dockerUnavailable === null
  await part('namespaces joined by hand: blue – green, left – router – right', () => fillNamespaces(first))
  if (docker) {
    await Promise.all([
      part('networks and containers in every mode', () => fillContainers(first)),
      part('a macvlan network over all hosts', () => joinLan(sandbox)),
      part('a swarm with an overlay network over all hosts', () => joinMesh(sandbox)),
    ])
    await part('rules in DOCKER-USER', () => addDockerUserRules(first))
  }
  await part('a rule in the legacy tables of iptables', () => addLegacyRule(first))
  await part('a native nftables table', () => addNativeTable(first))
  await part('some traffic, so that no table is empty', () => sendTraffic(sandbox))
  return { leftOut }
}
