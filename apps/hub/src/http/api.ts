import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import type { FastifyInstance } from 'fastify'
import { describeError } from '../api/errors.ts'
import { type AppRouter, appRouter } from '../api/router.ts'
import type { Services } from '../api/trpc.ts'
import type { Addresses } from './addresses.ts'
import { sessionCookie, sessionToken } from './cookies.ts'

/** The procedures at /api/trpc. Bodies are JSON or refused: a form on a foreign page can send anything else. */
export async function api(
  app: FastifyInstance,
  { services, addresses }: { services: Services; addresses: () => Addresses },
): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (request.method !== 'GET' && type !== 'application/json') {
      services.counts.refused('BAD_INPUT')
      const message = 'The content type must be application/json.'
      return reply.code(415).send({ code: 'BAD_INPUT', message })
    }
  })
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    maxBatchSize: 20,
    async createContext({ req, res }) {
      const secure = addresses().isSecure(req.headers.host)
      const { name, options } = sessionCookie(secure)
      return {
        services,
        session: await services.sessions.find(sessionToken(req.cookies, secure)),
        ip: req.ip,
        setCookie(token) {
          if (token) res.setCookie(name, token, options)
          else res.clearCookie(name, options)
        },
      }
    },
    onError({ error, path, req }) {
      const { code } = describeError(error).info
      services.counts.refused(code)
      // A fault of the database is in the log already.
      if (code === 'INTERNAL') req.log.error({ err: error.cause ?? error, path }, 'a procedure failed')
    },
  }
  await app.register(fastifyTRPCPlugin, { prefix: '/api/trpc', trpcOptions })
}
