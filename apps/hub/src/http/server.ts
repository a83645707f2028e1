import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Services } from '../api/trpc.ts'
import { type Addresses, hostOf, refuseHost, refuseOrigin } from './addresses.ts'
import { api } from './api.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { health } from './health.ts'
import { type MetricsOptions, metrics } from './metrics.ts'
import { site } from './site.ts'

export type ServerOptions = {
  services: Services
  /** Known only once the port is. */
  addresses: () => Addresses
  webDir: string
  log: Logger
  metricsToken: MetricsOptions['metricsToken']
  readMetrics: MetricsOptions['readMetrics']
  tls?: { cert: Buffer; key: Buffer }
}

// Requests are small and come from near: whoever takes longer holds a connection open for nothing. In milliseconds.
const TIMES = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 }

/** The HTTP side of the hub, not listening yet: procedures, health, and the exported page. */
export async function createHttpServer(o: ServerOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = o.log
  const app: FastifyInstance = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 512 * 1024,
    forceCloseConnections: true,
    // Batched procedures are named in one path segment.
    routerOptions: { maxParamLength: 2000 },
    serverFactory: (handler) =>
      // Fastify's types tell http and https apart for good; its code, and ours, do not.
      o.tls ? (createTlsServer({ ...TIMES, ...o.tls }, handler) as never) : createServer(TIMES, handler),
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    const safe = request.method === 'GET' || request.method === 'HEAD'
    const { origin } = request.headers
    // Browsers name no origin when they get something of the same one. Whoever names one is checked, whatever is asked for.
    const refusal =
      refuseHost(o.addresses(), hostOf(request.raw)) ??
      (safe && origin === undefined ? undefined : refuseOrigin(o.addresses(), origin))
    if (!refusal) return
    o.services.counts.refused(refusal.code)
    return reply.code(refusal.status).send({ code: refusal.code, message: refusal.message })
  })
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, 'a request failed')
    const code = status >= 500 ? 'INTERNAL' : 'BAD_INPUT'
    const message = status >= 500 ? 'The hub failed. Its log says why.' : error.message
    return reply.code(status).send({ code, message })
  })
  await app.register(cookie)
  await app.register(api, { services: o.services, addresses: o.addresses })
  await app.register(health, { db: o.services.db })
  await app.register(metrics, o)
  await app.register(site, { folder: o.webDir })
  return app
}
