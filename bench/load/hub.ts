import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSnapshot } from '@hopscope/model'
import { type ReplayAgent, replayAgent } from '@hopscope/testkit/replayAgent'
import { ADMIN, Product } from '../../e2e/product.ts'

/** The built hub with sessions of somebody who logged in several times, and an agent that replays a host. */
export type LoadedHub = { product: Product; cookies: string[]; agent: ReplayAgent }

export async function withHub(
  host: HostSnapshot,
  sessions: number,
  act: (hub: LoadedHub) => Promise<void>,
): Promise<void> {
  const product = await Product.start({ agent: false })
  try {
    const cookies = [await product.setUp()]
    while (cookies.length < sessions) cookies.push((await product.call('auth.login', ADMIN)).cookie)
    const agent = await replayAgent({ url: product.url, key: product.agentKey(), snapshots: [host] })
    // It has no figures of its own; without an answer the hub's would wait for them.
    agent.socket.on('metrics', (answer) => answer([]))
    try {
      await act({ product, cookies, agent })
    } finally {
      agent.close()
    }
  } finally {
    await product.stop()
  }
}

/** A figure of /metrics. Same as `curl -H "Authorization: Bearer $(cat metrics.token)" URL/metrics | grep NAME`. */
export async function metric(product: Product, name: string): Promise<number> {
  const token = readFileSync(join(product.folder, 'data', 'metrics.token'), 'utf8').trim()
  const response = await fetch(`${product.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name} `))
  if (line === undefined) throw new Error(`/metrics (${response.status}) has no ${name}`)
  return Number(line.slice(name.length))
}

/** Resident memory of a process in MB, now or at its highest. Same as `grep -E "VmRSS|VmHWM" /proc/PID/status`. */
export function residentMegabytes(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kilobytes === undefined) throw new Error(`the process ${pid} tells no ${which}`)
  return Number(kilobytes) / 1024
}

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid: number): number {
  // utime and stime, in hundredths of a second; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
