import type { HostMetrics } from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { AgentConfig } from '../config.ts'

/** Tells the figures at a port of this machine when that was asked for. What listens is loaded only then. */
export async function openMetrics(
  { metricsPort, readKey }: Pick<AgentConfig, 'metricsPort' | 'readKey'>,
  metrics: () => Promise<HostMetrics[]>,
  log: Logger,
): Promise<{ port: number; close(): Promise<void> } | undefined> {
  if (metricsPort === undefined) return undefined
  const { serveMetrics } = await import('./serve.ts')
  try {
    const server = await serveMetrics({ port: metricsPort, readKey, metrics })
    log.info({ url: `http://127.0.0.1:${server.port}/metrics` }, 'telling figures')
    return server
  } catch (error) {
    // Observing is what the agent is for; it does not stop because another program has the port.
    const why = error instanceof Error ? error.message : String(error)
    log.error(`Nothing listens for metrics: ${why}. Set HOPSCOPE_METRICS_PORT to a free port, or unset it.`)
    return undefined
  }
}
