import type { SandboxHost } from '@hopscope/sandbox'
import type { Locator, Page } from '@playwright/test'
import { dragOver, takeHold } from './drag.ts'
import { chooseByTyping, tabTo } from './onPage.ts'
import type { Reader } from './reader.ts'
import { expect, test } from './rowsTest.ts'

const NETWORK = 'story'
const CONTAINER = 'teller'
const PORT = 8099

test.setTimeout(120_000)

/** Does the same by mouse or by keys. */
type Hand = {
  /** Opens the form of something that is to be made. */
  create(what: string): Promise<Locator>
  /** Opens the form of something that can be done to an object. */
  act(object: string, what: string): Promise<Locator>
  /** Puts a text into a field, or chooses it there. */
  put(dialog: Locator, label: string, text: string): Promise<void>
  run(dialog: Locator): Promise<void>
  connect(container: string, network: string): Promise<void>
  undo(change: string): Promise<void>
}

test('a network, a container on it, another by drag and a port: reached from outside, then undone, all by mouse', async ({
  demo,
  host,
  reader,
}) => {
  await story(demo.outside, host, byMouse(reader, host))
})

test('the same by keyboard alone', async ({ demo, host, reader }) => {
  await story(demo.outside, host, byKeys(reader, host))
})

type Outside = { exec: SandboxHost['exec'] } | null

async function story(outside: Outside, host: SandboxHost, hand: Hand): Promise<void> {
  if (!outside) throw new Error('the demo has an outside')
  const before = await stateOf(host)

  const network = await hand.create('Docker network')
  await hand.put(network, 'Host', host.name)
  await hand.put(network, 'Name', NETWORK)
  await hand.run(network)
  const container = await hand.create('Container')
  await hand.put(container, 'Host', host.name)
  await hand.put(container, 'Name', CONTAINER)
  await hand.put(container, 'Image on this host', 'busybox:latest')
  await hand.put(container, 'Network', NETWORK)
  await hand.put(container, 'Command', 'httpd -f -p 80 -h /etc')
  await hand.run(container)
  await hand.connect('client', NETWORK)
  expect(await host.docker('inspect', '-f', `{{.NetworkSettings.Networks.${NETWORK}.IPAddress}}`, 'client')).not.toBe(
    '',
  )
  const port = await hand.act(CONTAINER, 'Publish a port')
  await hand.put(port, 'Port', `${PORT}:80`)
  await hand.run(port)

  const [address] = (await host.run(['hostname', '-I'])).split(' ')
  const page = await outside.exec(['busybox', 'wget', '-q', '-O', '-', `http://${address}:${PORT}/hostname`], {
    timeoutMs: 5_000,
  })
  expect(page.stdout.trim()).toBe(await host.docker('inspect', '-f', '{{.Config.Hostname}}', CONTAINER))

  for (const change of ['Publish', 'Connect client', `Run ${CONTAINER}`, `Make the Docker network ${NETWORK}`])
    await hand.undo(change)
  await expect.poll(() => stateOf(host)).toEqual(before)
}

/** What Docker, the firewall and the kernel have, without numbers that are given anew. */
async function stateOf(host: SandboxHost): Promise<string[]> {
  const rules = (await host.run(['iptables-save'])).split('\n').filter((line) => line.startsWith('-A'))
  const networks = await host.docker('network', 'ls', '--format', '{{.Name}} {{.Driver}}')
  // Docker lists a container's networks in any order.
  const containers = (await host.docker('ps', '-a', '--format', '{{.Names}} {{.State}} {{.Networks}}'))
    .split('\n')
    .map((line) => line.replace(/\S+$/, (names) => names.split(',').sort().join()))
  const links = (await host.run(['ip', '-o', 'link'])).split('\n').length
  const plain = (line: string) => line.replaceAll(/br-[0-9a-f]{12}|\b\d+(\.\d+){3}\b/g, '…')
  return [...rules.map(plain).sort(), ...networks.split('\n').sort(), ...containers.sort(), `${links} links`]
}

async function ran(dialog: Locator): Promise<void> {
  await expect(dialog.getByRole('region', { name: 'Result' }).getByText('Done', { exact: true }).first()).toBeVisible()
  await dialog.page().keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
}

const named = (label: string): RegExp => new RegExp(`^${label}( \\(optional\\))?$`)
const undone = (page: Page, change: string): Locator =>
  page.getByRole('list', { name: 'Changes' }).locator('> li').filter({ hasText: change }).first()

function byMouse(reader: Reader, host: SandboxHost): Hand {
  const { page } = reader
  return {
    async create(what) {
      await page.getByRole('button', { name: 'Create a network object' }).click()
      await page.getByRole('menuitem', { name: `${what}…`, exact: true }).click()
      return page.getByRole('dialog', { name: what })
    },
    async act(object, what) {
      await reader.search(object, new RegExp(object))
      await page.getByRole('button', { name: `Actions for ${object}` }).click()
      await page.getByRole('menuitem', { name: `${what}…` }).click()
      return page.getByRole('dialog', { name: what })
    },
    async put(dialog, label, text) {
      const field = dialog.getByLabel(named(label))
      const isChoice = await field.evaluate((element) => element.tagName === 'SELECT')
      if (isChoice) await field.selectOption({ label: text })
      else await field.fill(text)
    },
    async run(dialog) {
      await dialog.getByRole('button', { name: 'Run', exact: true }).click()
      await ran(dialog)
    },
    async connect(container, network) {
      await page.keyboard.press('1')
      await expect(reader.details).toHaveCount(0)
      await takeHold(page, 'box', container)
      await dragOver(page, 'bridge', network)
      await page.mouse.up()
      await this.run(page.getByRole('dialog', { name: 'Connect to a network' }))
    },
    async undo(change) {
      await page.getByRole('navigation', { name: 'View' }).getByRole('button', { name: 'History' }).click()
      await page.getByRole('main').getByLabel('Host').selectOption(host.name)
      await undone(page, change).getByRole('button', { name: /^Undo/ }).click()
      await expect(undone(page, change)).toHaveAttribute('data-state', 'undone')
    },
  }
}

function byKeys(reader: Reader, host: SandboxHost): Hand {
  const { page } = reader
  const { keyboard } = page
  /** Opens an object's menu where it is found, and takes what begins with this. */
  const act = async (object: string, what: string): Promise<void> => {
    await keyboard.press('Control+k')
    await keyboard.type(object)
    await expect(page.getByRole('option').first()).toContainText(object)
    await keyboard.press('Enter')
    await expect(reader.title).toHaveText(object)
    await tabTo(page, new RegExp(`^Actions for ${object}$`))
    await keyboard.press('Enter')
    await chooseByTyping(page, what)
  }
  return {
    async create(what) {
      await tabTo(page, /^Create a network object$/, 'Shift+Tab')
      await keyboard.press('Enter')
      await chooseByTyping(page, what)
      return page.getByRole('dialog', { name: what })
    },
    async act(object, what) {
      await act(object, what)
      return page.getByRole('dialog', { name: what })
    },
    async put(dialog, label, text) {
      await expect(dialog).toBeVisible()
      await tabTo(page, named(label))
      await keyboard.type(text)
    },
    async run(dialog) {
      await expect(dialog).toBeVisible()
      await tabTo(page, /^Run$/)
      await keyboard.press('Enter')
      await ran(dialog)
    },
    async connect(container, network) {
      await act(container, 'Connect to')
      const dialog = page.getByRole('dialog', { name: 'Connect to a network' })
      await this.put(dialog, 'Network', network)
      await this.run(dialog)
    },
    async undo(change) {
      await keyboard.press('Escape')
      await keyboard.press('4')
      await tabTo(page, /^Host$/)
      await keyboard.type(host.name)
      await tabTo(page, new RegExp(`^Undo: ${change}`))
      await keyboard.press('Enter')
      await expect(undone(page, change)).toHaveAttribute('data-state', 'undone')
    },
  }
}
