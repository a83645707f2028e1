import type { BrowserContext } from '@playwright/test'
import { expectClean } from './axe.ts'
import { addSession, expect, test } from './test.ts'

const LOOKS = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh-CN'] as const).map((language) => ({ theme, language })),
)

for (const { theme, language } of LOOKS) {
  test(`no screen breaks a rule of axe: ${theme}, ${language}`, async ({ browser, product, session, demo }) => {
    test.setTimeout(240_000)
    const context = await browser.newContext({
      colorScheme: theme,
      locale: language,
      viewport: { width: 1440, height: 900 },
    })
    const page = await context.newPage()
    await page.goto(product.url)
    await expect(page.locator('form')).toBeVisible()
    await expectClean(page, 'login')
    await addSession(context, product, session)
    const hostId = await firstHost(context, product.url, demo.hosts[0]?.name ?? '')
    for (const [screen, address] of screens(hostId)) {
      await page.goto(`${product.url}${address}`)
      await expect(page.locator('[data-connection="live"]')).toBeVisible()
      await expect(page.locator('main')).not.toBeEmpty()
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
      if (screen === 'packet') {
        const chain = page.locator('li[data-kind="chain"]').filter({ hasText: /The rule |规则 [A-Z]/ })
        await chain.first().getByRole('button').first().click()
        await expect(page.locator('li[data-state="matched"]')).not.toHaveCount(0)
      }
      if (screen === 'inspector') await expect(page.locator('aside dl')).not.toHaveCount(0)
      await expectClean(page, screen)
    }
    await context.close()
  })
}

const TABLES = [
  'interfaces',
  'addresses',
  'namespaces',
  'vethPairs',
  'bridges',
  'bridgePorts',
  'fdb',
  'neighbours',
  'routes',
  'policyRules',
  'switches',
  'firewallRules',
  'firewallChains',
  'firewallSets',
  'nat',
  'connections',
  'sockets',
  'containers',
  'networks',
  'sources',
]

function screens(hostId: string): [string, string][] {
  const packet = { hostId, from: 'client', to: '10.20.0.10', protocol: 'tcp', port: '80' }
  const root = encodeURIComponent(`${hostId}|source|source:docker`)
  return [
    ['map', '/'],
    ['tree', '/?view=tree'],
    ['history', '/?view=history'],
    ['requests', '/?view=history&tab=requests'],
    ...TABLES.map((t): [string, string] => [`table ${t}`, `/?view=tables&table=${t}`]),
    ['inspector', `/?view=tree&sel=${root}`],
    ['packet', `/?packets=${encodeURIComponent(JSON.stringify(packet))}`],
    ['packets to watch', `/?packets=${encodeURIComponent(JSON.stringify({ ...packet, watch: 'icmp and' }))}`],
  ]
}

async function firstHost(context: BrowserContext, url: string, name: string): Promise<string> {
  const response = await context.request.get(`${url}/api/trpc/hosts.list`)
  const { result } = await response.json()
  const hosts: { host: { id: string; name: string } }[] = result.data
  return hosts.find((h) => h.host.name === name)?.host.id ?? ''
}
