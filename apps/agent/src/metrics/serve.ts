import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { AGENT_METRIC_KEYS, AGENT_METRICS, type HostMetrics } from '@hopscope/protocol'
import { Counter, Gauge, Registry } from 'prom-client'

export type ServeOptions = {
  port: number
  /** What a scraper shows: the agents' key. */
  readKey: () => string | undefined
  metrics: () => Promise<HostMetrics[]>
}

/**
 * Listens on 127.0.0.1 and tells the figures to whoever has the agents' key; rejects when the port is taken. Same as
 * `curl -H "Authorization: Bearer $(cat agent.key)" http://127.0.0.1:PORT/metrics`.
 */
export async function serveMetrics(o: ServeOptions): Promise<{ port: number; close(): Promise<void> }> {
  let port = o.port
  const server = createServer((request, response) => {
    const status = refuse(request, port, o.readKey())
    if (status !== undefined) {
      request.resume()
      response.writeHead(status, status === 401 ? { 'www-authenticate': 'Bearer realm="hopscope metrics"' } : {})
      response.end()
      return
    }
    metricsText(o.metrics).then(
      ({ text, contentType }) => response.writeHead(200, { 'content-type': contentType, ...HEADERS }).end(text),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? `${error.message}\n` : ''),
    )
  })
  server.listen(o.port, '127.0.0.1')
  await once(server, 'listening')
  // A scraper is no reason to keep the agent.
  server.unref()
  const address = server.address()
  if (typeof address === 'object' && address) port = address.port
  return {
    port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** The status of a refusal: another Host (a name that was rebound to us), path or method, or no key. */
function refuse({ headers, method, url }: IncomingMessage, port: number, key: string | undefined): number | undefined {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) return 421
  if (key === undefined || !equal(headers.authorization ?? '', `Bearer ${key}`)) return 401
  if (method !== 'GET') return 405
  return url === '/metrics' ? undefined : 404
}

const equal = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

async function metricsText(metrics: () => Promise<HostMetrics[]>): Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  const all = await metrics()
  for (const key of AGENT_METRIC_KEYS) {
    const { name, type, help } = AGENT_METRICS[key]
    const options = { name, help, labelNames: ['host'], registers: [registry] }
    const metric = type === 'gauge' ? new Gauge(options) : new Counter(options)
    for (const { hostId, values } of all) {
      const value = values[key]
      if (value !== undefined) metric.inc({ host: hostId }, value)
    }
  }
  return { text: await registry.metrics(), contentType: registry.contentType }
}
