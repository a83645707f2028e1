import type { SandboxHost } from '@hopscope/sandbox'
import type { Page } from '@playwright/test'
import { type Bench, interleaved, milliseconds, type Session } from '../bench.ts'
import { onHost } from '../onHost.ts'
import { awaitBox, awaitNode, mapReady, onlyHost } from '../painted.ts'

const IMAGE = 'busybox:latest'
const CONTAINERS = 20
const AT_MOST = 150

export const click: Bench = {
  name: 'click',
  title: 'From a click to what it made',
  about:
    'A sandbox host with 20 containers, observed by the built agent; the built hub; the page in Chromium. A Docker network and ' +
    'a container are made in turn: by a click on “Run” in the dialog, until the frame is painted in which it is on the map; ' +
    'and by a shell with the same “docker network create” or “docker run”, until that has ended. The click includes planning, the hub, its audit, ' +
    'the journal on the disk, the same program of Docker, the observer, the hub again and the map.',
  runs: 15,
  async run(session) {
    await onHost(
      { name: 'click' },
      async (host) => {
        for (let i = 0; i < CONTAINERS; i++) await host.docker('run', '-d', '--name', `c${i}`, IMAGE, 'sleep', '100000')
      },
      async ({ product, host, page: open }) => {
        const page = await open('/', { 'map.folding': 'unfoldAll' })
        await page.goto(`${product.url}/?${await onlyHost(page, host.name)}`)
        await mapReady(page, CONTAINERS)
        await networks(session, host, page)
        await containers(session, host, page)
      },
    )
  },
}

async function networks(session: Session, host: SandboxHost, page: Page): Promise<void> {
  let count = 0
  const samples = await interleaved(session.runs, {
    click: async () => {
      const name = `made-${count++}`
      const took = await clicked(page, {
        form: 'Docker network',
        fill: { Name: name },
        painted: await awaitNode(page, 'bridge', name),
      })
      await host.docker('network', 'rm', name)
      return took
    },
    shell: async () => {
      const name = `typed-${count++}`
      const took = await milliseconds(() => host.run(['sh', '-c', `docker network create ${name}`]))
      await host.docker('network', 'rm', name)
      return took
    },
  })
  tell(session, 'a Docker network', samples)
}

async function containers(session: Session, host: SandboxHost, page: Page): Promise<void> {
  let count = 0
  const samples = await interleaved(session.runs, {
    click: async () => {
      const name = `made-${count++}`
      const took = await clicked(page, {
        form: 'Container',
        fill: { Name: name, 'Image on this host': IMAGE, Command: 'sleep 100000' },
        painted: await awaitBox(page, name),
      })
      await host.docker('rm', '-f', name)
      return took
    },
    shell: async () => {
      const name = `typed-${count++}`
      const took = await milliseconds(() =>
        host.run(['sh', '-c', `docker run --detach --name ${name} ${IMAGE} sleep 100000`]),
      )
      await host.docker('rm', '-f', name)
      return took
    },
  })
  tell(session, 'a container', samples)
}

function tell(session: Session, what: string, { click, shell }: Record<'click' | 'shell', number[]>): void {
  const group = `Making ${what}`
  session.figure({ group, name: 'by a click, until painted', unit: 'ms', samples: click })
  session.figure({ group, name: 'in a shell', unit: 'ms', samples: shell })
  session.figure({
    group,
    name: 'more by a click',
    unit: 'ms',
    samples: click.map((took, round) => took - (shell[round] ?? Number.NaN)),
    limit: { of: 'median', atMost: AT_MOST },
  })
}

type Clicking = { form: string; fill: Readonly<Record<string, string>>; painted: { result(): Promise<number> } }

/** Fills a form of the Create menu, clicks Run, and gives the milliseconds from that click to the frame that shows the result. */
async function clicked(page: Page, { form, fill, painted }: Clicking): Promise<number> {
  await page.getByRole('button', { name: 'Create a network object' }).click()
  await page.getByRole('menuitem', { name: `${form}…` }).click()
  const dialog = page.getByRole('dialog', { name: form })
  for (const [label, text] of Object.entries(fill)) {
    const field = dialog.getByLabel(new RegExp(`^${label}( \\(optional\\))?$`))
    if (await field.evaluate((element) => element.tagName === 'SELECT')) await field.selectOption({ label: text })
    else await field.fill(text)
  }
  const run = dialog.getByRole('button', { name: 'Run', exact: true })
  const at = run.evaluate(
    (button) =>
      new Promise<number>((resolve) =>
        button.addEventListener('click', (event) => resolve(performance.timeOrigin + event.timeStamp), { once: true }),
      ),
  )
  await page.evaluate(() => 0) // the one above listens
  await run.click()
  const took = (await painted.result()) - (await at)
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  return took
}
