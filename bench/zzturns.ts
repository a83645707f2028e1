import { createSandbox } from '@hopscope/sandbox'
import { fillLargeHost } from '@hopscope/testkit/largeHost'
import { Product } from '../e2e/product.ts'
import { until } from './pageSocket.ts'
import { watchingTurns } from './turns.ts'
const namespaces = Number(process.argv[2])
const prof = process.argv[3]
async function isLive(product: Product, session: string, name = 'zzturns-1'): Promise<boolean> {
  const response = await fetch(`${product.url}/api/trpc/hosts.list`, { headers: { cookie: session, origin: product.url } })
  if (!response.ok) return false
  const hosts: any[] = JSON.parse(await response.text()).result.data
  return hosts.some(({ host, status, version }) => host.name === name && status === 'live' && version.revision > 0)
}
const calm = () => new Promise((r) => setTimeout(r, 1500))
await watchingTurns(async (w) => {
  if (prof) process.env.NODE_OPTIONS += ` --import /tmp/exp/prof.mjs`
  for (let i = 0; i < Number(process.argv[4] ?? 1); i++) {
    const product = await Product.start({ agent: false })
    Object.assign(process.env, product.sandboxes)
    const sandbox = await createSandbox({ name: 'zzturns', docker: false })
    const host = sandbox.hosts[0]!
    await fillLargeHost(host, { namespaces })
    const session = await product.setUp()
    const t0 = Date.now()
    product.startAgent()
    await until(() => isLive(product, session), 60_000)
    await calm()
    const a = w.all('x', 'start', t0)
    const again = Date.now()
    await product.kill('hub', 'SIGTERM')
    await product.startHub()
    await until(() => isLive(product, session), 60_000)
    await calm()
    console.log([...a, ...w.all('x', 'back', again)].map((f) => `${f.name} ${f.value}`).join(', '))
    await sandbox.down()
    await product.stop()
  }
})
