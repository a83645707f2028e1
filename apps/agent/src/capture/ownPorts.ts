import type { HostInfo } from '@hopscope/model'
import type { OwnPorts } from './ruleset.ts'

/** The hub's port: what an agent here tells it is no traffic of the host's. A sandbox host carries none of it. */
export function ownPorts({ vantage }: Pick<HostInfo, 'vantage'>, hub: string): OwnPorts {
  if (vantage.kind === 'sandbox') return []
  const { port, protocol } = new URL(hub)
  return [port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)]
}
