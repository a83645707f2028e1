import type { FastifyInstance } from 'fastify'
import type { Db } from '../db/open.ts'

/** `/healthz`: the process answers. `/readyz`: the database does, too (its migrations are applied before anybody listens). */
export async function health(app: FastifyInstance, { db }: { db: Db }): Promise<void> {
  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async (request, reply) => {
    try {
      await db.$queryRaw`SELECT 1`
      return { ready: true }
    } catch (err) {
      request.log.error({ err }, 'the database does not answer')
      return reply.code(503).send({ ready: false })
    }
  })
}
