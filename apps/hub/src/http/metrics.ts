import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Services } from '../api/trpc.ts'
import { equalSecrets } from '../auth/tokens.ts'
import type { Addresses } from './addresses.ts'
import { sessionToken } from './cookies.ts'

export type MetricsOptions = {
  services: Services
  addresses: () => Addresses
  /** What a scraper shows: `metrics.token` of the data folder. */
  metricsToken: string
  /** Everything that is known, as Prometheus reads it. */
  readMetrics: () => Promise<{ contentType: string; text: string }>
}

/**
 * `/metrics`: figures for Prometheus, for whoever shows the token or has an admin's session.
 * Same as `curl -H "Authorization: Bearer $(cat metrics.token)" URL/metrics`.
 */
export async function metrics(app: FastifyInstance, o: MetricsOptions): Promise<void> {
  app.get('/metrics', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const refusal = await refuse(request, o)
    if (refusal) {
      o.services.counts.refused(refusal.code)
      if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="hopscope metrics"')
      return reply.code(refusal.status).send({ code: refusal.code, message: refusal.message })
    }
    const { contentType, text } = await o.readMetrics()
    return reply.type(contentType).send(text)
  })
}

async function refuse(request: FastifyRequest, { services, addresses, metricsToken }: MetricsOptions) {
  const { authorization, host } = request.headers
  if (authorization !== undefined && equalSecrets(authorization, `Bearer ${metricsToken}`)) return undefined
  const session = await services.sessions.find(sessionToken(request.cookies, addresses().isSecure(host)))
  if (session?.user?.role === 'admin') return undefined
  if (session?.user)
    return { status: 403, code: 'FORBIDDEN', message: 'This needs the role admin. Ask an admin for it.' } as const
  const message = 'Show the token of the file metrics.token in the hub\'s data folder: "Authorization: Bearer TOKEN".'
  return { status: 401, code: 'UNAUTHENTICATED', message } as const
}
