import type { Source, SourceName, UnavailableReason } from '@hopscope/model'
import type { HostEntry } from '../../stream/hostStore.ts'

export type Missing = { hostId: string; host: string; source: Source; reason: UnavailableReason; command?: string }

/** What cannot be read, or only in part, of each host, and the command that helps where there is one. */
export function missingSources(hosts: HostEntry[]): Missing[] {
  return hosts.flatMap(({ host, snapshot }) =>
    Object.values(snapshot?.records.source ?? {})
      .filter((s) => s.state !== 'ok')
      .map((source) => {
        const reason = source.reason ?? 'FAILED'
        const command = source.omitted === undefined ? remedyFor(source.name, reason) : undefined
        return { hostId: host.id, host: host.name, source, reason, ...(command && { command }) }
      }),
  )
}

/** Whether somebody should do something about it: a program or kernel feature that a host simply lacks is no fault. */
export const isFault = (m: Missing): boolean =>
  m.source.omitted === undefined && m.reason !== 'NOT_INSTALLED' && m.reason !== 'NOT_IN_KERNEL'

const AS_ROOT = 'sudo node apps/agent/dist/agent.mjs'
const PACKAGES: Partial<Record<SourceName, string>> = {
  docker: 'docker.io',
  nftables: 'nftables',
  iptablesLegacy: 'iptables',
  conntrack: 'conntrack',
}
const MODULES: Partial<Record<SourceName, string>> = {
  conntrack: 'nf_conntrack_netlink',
  nftables: 'nf_tables',
  iptablesLegacy: 'ip_tables',
  sockets: 'inet_diag',
  fdb: 'bridge',
}

/** The command that makes a source readable; undefined where there is none. */
export function remedyFor(name: SourceName, reason: UnavailableReason): string | undefined {
  switch (reason) {
    case 'NOT_ROOT':
    case 'NO_PERMISSION':
      return AS_ROOT
    case 'NOT_INSTALLED':
      return PACKAGES[name] && `sudo apt-get install ${PACKAGES[name]}`
    case 'NOT_IN_KERNEL':
      return MODULES[name] && `sudo modprobe ${MODULES[name]}`
    case 'NOT_RUNNING':
      return name === 'docker' ? 'sudo systemctl start docker' : undefined
    case 'FAILED':
      return 'sudo npx hopscope doctor'
  }
}
