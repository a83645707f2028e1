import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import type { SandboxHost } from '@hopscope/sandbox'
import { Product } from './product.ts'

const cutOff = join(import.meta.dirname, '../apps/agent/test/cutOff')

/**
 * A hub of its own at an address of a sandbox host, and an agent in another one, which takes that for its machine: between them is a
 * network that a change can cut. Changes are on there.
 */
export async function farHub({ at, agentIn }: { at: SandboxHost; agentIn: SandboxHost }) {
  const url = `http://${at.address}:7117`
  const product = await Product.start({ agent: false, publicOrigin: url })
  const file = (name: string) => join(product.folder, name)
  // Sandbox hosts have no network to this machine, but its files.
  const server = createServer((near) => {
    const far = createConnection(product.port, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy())
  }).listen(file('hub.sock'))
  await once(server, 'listening')
  writeFileSync(file('policy.json'), '{"changes":"on"}', { mode: 0o644 })
  const start = (host: SandboxHost, script: string, args: string[], env: Record<string, string> = {}) =>
    host.spawn([process.execPath, '--import', 'tsx', join(cutOff, script), ...args], {
      cwd: process.cwd(),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
  mkdirSync(file('agent'))
  const children = [
    start(at, 'relayChild.ts', [at.address, file('hub.sock')]),
    start(agentIn, 'agentChild.ts', [file('policy.json')], {
      HOPSCOPE_HUB_URL: url,
      HOPSCOPE_AGENT_KEY: product.agentKey(),
      HOPSCOPE_CHANGES: file('agent'),
    }),
  ]
  return {
    product,
    stop: async () => {
      for (const child of children) child.kill()
      server.close()
      await product.stop()
    },
  }
}
