import { request } from 'node:http'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openMetrics } from './open.ts'

const log = pino({ level: 'silent' })
const metrics = async () => [{ hostId: 'h', values: { revision: 4, losses: 2 } }]

async function open(metricsPort: number) {
  const server = await openMetrics({ metricsPort, readKey: () => 'secret' }, metrics, log)
  onTestFinished(async () => server?.close())
  return server
}

type Answer = { status: number | undefined; text: string }
function send(port: number, { method = 'GET', path = '/metrics', headers = {} }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    sent.on('error', reject).end()
  })
}

describe('the figures of an agent', () => {
  it('have no listener unless asked for', async () => {
    expect(await openMetrics({ readKey: () => 'secret' }, metrics, log)).toBeUndefined()
  })

  it('are told to whoever has the key, under our own name only', async () => {
    const { port = 0 } = (await open(0)) ?? {}
    const headers = { authorization: 'Bearer secret' }
    const { status, text } = await send(port, { headers })
    expect(status).toBe(200)
    expect(text).toContain('# TYPE hopscope_agent_netlink_losses_total counter\n')
    expect(text).toContain('hopscope_agent_netlink_losses_total{host="h"} 2\n')
    expect(text).toContain('hopscope_agent_revision{host="h"} 4\n')
    for (const [request, refused] of [
      [{}, 401],
      [{ headers: { authorization: 'Bearer secre' } }, 401],
      [{ headers: { ...headers, host: `evil.test:${port}` } }, 421],
      [{ headers, path: '/' }, 404],
      [{ headers, method: 'POST' }, 405],
    ] as const)
      expect(await send(port, request)).toEqual({ status: refused, text: '' })
  })

  it('do not keep the agent from observing when their port is taken', async () => {
    const { port = 0 } = (await open(0)) ?? {}
    expect(await open(port)).toBeUndefined()
  })
})
