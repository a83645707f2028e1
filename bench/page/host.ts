import type { HostSnapshot } from '@hopscope/model'
import { type ReplayAgent, replayAgent } from '@hopscope/testkit/replayAgent'
import { Product } from '../../e2e/product.ts'

/** A hub as it is installed, and an agent that replays one host to it. */
export type Served = {
  readonly url: string
  readonly session: string
  readonly agent: ReplayAgent
  readonly snapshot: HostSnapshot
  /** Makes `next` what the host is, as an agent would that saw it. */
  become(next: HostSnapshot): void
  stop(): Promise<void>
}

/** Starts the hub's bundle and serves the host with it. Throws when the bundle was not built. */
export async function serve(snapshot: HostSnapshot): Promise<Served> {
  const product = await Product.start({ agent: false })
  try {
    const session = await product.setUp()
    const agent = await replayAgent({ url: product.url, key: product.agentKey(), snapshots: [snapshot] })
    let now = snapshot
    return {
      url: product.url,
      session,
      agent,
      get snapshot() {
        return now
      },
      become(next) {
        now = next
        agent.patch(next.host.id, next)
      },
      async stop() {
        agent.close()
        await product.stop()
      },
    }
  } catch (e) {
    await product.stop()
    throw e
  }
}
