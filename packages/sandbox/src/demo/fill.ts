import type { Sandbox } from '../sandbox.ts'
import { fillContainers } from './containers.ts'
import { joinHosts } from './joined.ts'
import { fillNamespaces } from './namespaces.ts'
import { addRules } from './rules.ts'
import { sendTraffic } from './traffic.ts'

export type FillOptions = { onProgress?: (text: string) => void }

/**
 * Fills a sandbox with one of everything that the map can show; without Docker, with the hand-made part only. What is
 * there already is left alone, so a second call completes a first that was cut short. Throws COMMAND_FAILED.
 */
export async function fillDemo(sandbox: Sandbox, { onProgress }: FillOptions = {}): Promise<void> {
  const start = performance.now()
  const tell = (text: string) => onProgress?.(`${text} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  const [first] = sandbox.hosts
  if (first === undefined) return
  await fillNamespaces(first)
  tell('namespaces joined by hand: blue – green, left – router – right')
  if (sandbox.dockerUnavailable === null) {
    await Promise.all([fillContainers(first), joinHosts(sandbox)])
    tell('networks and containers')
  }
  await addRules(first, sandbox.dockerUnavailable === null)
  tell('rules of both iptables back ends and of nftables')
  await sendTraffic(sandbox)
  tell('some traffic, so that no table is empty')
}
