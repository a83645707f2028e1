import { createSandbox, type SandboxHost } from '@hopscope/sandbox'
import { wireReader } from '@hopscope/testkit/wireReader'
import { bytesOf, followed, newsOf } from '../../e2e/newsOf.ts'
import { Product } from '../../e2e/product.ts'
import type { Bench, Session } from '../bench.ts'

const SIZES = [1, 50]
const MOST_KB = 2

export const wire: Bench = {
  name: 'wire',
  title: 'What a change costs on the wire to a page',
  about:
    'A sandbox host with dockerd and some containers, observed by the built agent; the built hub; a client that reads what a page reads ' +
    'and counts the bytes of every WebSocket frame, headers included, from the command until nothing has changed for four seconds. ' +
    'It offers what Chromium offers. Counters, which are sent while they are looked at, are not among it. “Without the extension” is a client that does not inflate.',
  runs: 3,
  async run(session) {
    for (const size of SIZES) await beside(session, size)
  },
}

async function beside(session: Session, size: number): Promise<void> {
  session.say(`starting ${size} containers`)
  const product = await Product.start({ agent: false })
  try {
    Object.assign(process.env, product.sandboxes)
    const sandbox = await createSandbox({ name: 'wire' })
    try {
      const [host] = sandbox.hosts
      if (!host) throw new Error('the sandbox has no host')
      for (let i = 0; i < size; i++) await start(host, `c${i}`)
      product.startAgent()
      await measure(session, product, host, size)
    } finally {
      await sandbox.down()
    }
  } finally {
    await product.stop()
  }
}

async function measure(session: Session, product: Product, host: SandboxHost, size: number): Promise<void> {
  const cookie = await product.setUp()
  const samples = new Map<string, number[]>()
  const acts: [string, () => Promise<unknown>][] = [
    ['a container more, with a published port', () => start(host, 'published', '-p', '8080:80')],
    ['a container is renamed', () => host.docker('rename', 'published', 'renamed')],
    ['a container is gone', () => host.docker('rm', '-f', 'renamed')],
  ]
  for (let run = 0; run < session.runs; run++) {
    const page = await wireReader({ url: product.url, cookie })
    const plain = await wireReader({ url: product.url, cookie, extensions: '' })
    try {
      const id = await followed(page, host.name)
      await followed(plain, host.name)
      for (const [name, act] of acts) {
        let without = 0
        const both = async (): Promise<void> => {
          const frames = await newsOf(plain, id, act)
          without = bytesOf(frames)
        }
        const add = (key: string, bytes: number) => samples.set(key, [...(samples.get(key) ?? []), bytes / 1000])
        add(name, bytesOf(await newsOf(page, id, both)))
        add(`${name}, without the extension`, without)
      }
    } finally {
      page.close()
      plain.close()
    }
  }
  for (const [name, kilobytes] of samples) {
    const limit = name.includes('without') ? {} : { limit: { of: 'max', atMost: MOST_KB } as const }
    session.figure({
      group: `Sent to a page, beside ${size} containers`,
      name,
      unit: 'kB',
      samples: kilobytes,
      ...limit,
    })
  }
}

const start = (host: SandboxHost, name: string, ...options: string[]): Promise<string> =>
  host.docker('run', '-d', '--name', name, ...options, 'busybox', 'sleep', '100000')
