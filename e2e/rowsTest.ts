import type { Sandbox, SandboxHost } from '@hopscope/sandbox'
import { Reader } from './reader.ts'
import { test as base, expect } from './test.ts'

type Fixtures = { reader: Reader; host: SandboxHost; second: SandboxHost }

/** `host`, `second`: the hosts of the demo. `reader`: somebody who reads on the page what the kernel is asked for, too. */
export const test = base.extend<Fixtures>({
  host: async ({ demo }, use) => use(at(demo, 0)),
  second: async ({ demo }, use) => use(at(demo, 1)),
  reader: async ({ demo, product, signedIn }, use) => {
    await signedIn.goto(product.url)
    const reader = new Reader(signedIn)
    await expect(signedIn.getByTestId('map')).toBeVisible({ timeout: 30_000 })
    for (const { name } of demo.hosts) await reader.seesHost(name)
    await use(reader)
  },
})
export { expect }

function at(demo: Sandbox, index: number): SandboxHost {
  const host = demo.hosts[index]
  if (!host) throw new Error(`the demo has no host ${index + 1}`)
  return host
}
