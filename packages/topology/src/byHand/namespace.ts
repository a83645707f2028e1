import type { HostSnapshot } from '@hopscope/model'
import { quote } from './quote.ts'

/** How a command is run in a namespace, as people type it. */
export type Runner = {
  ip(words: string): string
  bridge(words: string): string
  /** Any other program. */
  any(command: string): string
}

/**
 * Commands for one namespace: plain in the root one, `ip -n NAME` where iproute2 has a name, else through a process of
 * its container, else through a path that holds it.
 */
export function inNamespace(snapshot: HostSnapshot, netns: string): Runner {
  if (netns === snapshot.host.rootNetns) return prefixed('')
  const record = snapshot.records.netns[netns]
  const named = record?.names.find((n) => n.by === 'iproute2')
  if (named) {
    const name = quote(named.name)
    return {
      ip: (words) => `ip -n ${name} ${words}`,
      bridge: (words) => `bridge -n ${name} ${words}`,
      any: (command) => `ip netns exec ${name} ${command}`,
    }
  }
  const pid = Object.values(snapshot.records.container).find((c) => c.netns === netns && c.pid !== undefined)?.pid
  if (pid !== undefined) return prefixed(`nsenter -t ${pid} -n `)
  const path = record?.names[0]?.path ?? record?.path
  const process = record?.processes[0]
  if (process && record.names.length === 0) return prefixed(`nsenter -t ${process.pid} -n `)
  return path === undefined ? prefixed('') : prefixed(`nsenter --net=${quote(path)} `)
}

function prefixed(prefix: string): Runner {
  return {
    ip: (words) => `${prefix}ip ${words}`,
    bridge: (words) => `${prefix}bridge ${words}`,
    any: (command) => `${prefix}${command}`,
  }
}
