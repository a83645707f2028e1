import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createSandbox, type SandboxHost, type SandboxOptions } from '@hopscope/sandbox'
import type { Browser, Page } from '@playwright/test'
import { Product } from '../e2e/product.ts'
import { launch } from './page/browser.ts'

/** Hub and agent from the built bundles, a sandbox host that they observe, and a browser. */
export type Scene = {
  readonly product: Product
  readonly host: SandboxHost
  /** A page of a new context that is signed in, at the path (such as "/?view=tables"), with these settings of the device. */
  page(path: string, settings?: Record<string, string>): Promise<Page>
}

/**
 * Makes a sandbox host with folders of its own, lets `fill` put things on it, then starts hub, agent and Chromium for the
 * time of `act`. Everything is removed again, also when something fails.
 */
export async function onHost(
  options: SandboxOptions,
  fill: (host: SandboxHost) => Promise<void>,
  act: (scene: Scene) => Promise<void>,
): Promise<void> {
  const product = await Product.start({ agent: false })
  try {
    Object.assign(process.env, product.sandboxes)
    const sandbox = await createSandbox(options)
    try {
      const [host] = sandbox.hosts
      if (!host) throw new Error('the sandbox has no host')
      await fill(host)
      product.startAgent()
      await browsing(product, await product.setUp(), (page) => act({ product, host, page }))
    } finally {
      await sandbox.down()
    }
  } finally {
    await product.stop()
  }
}

async function browsing(product: Product, session: string, act: (open: Scene['page']) => Promise<void>): Promise<void> {
  const browser = await launch()
  try {
    await act((path, settings) => openPage({ browser, product, session, path, settings }))
  } finally {
    await browser.close()
  }
}

type Opening = { browser: Browser; product: Product; session: string; path: string; settings?: Record<string, string> }

async function openPage({ browser, product, session, path, settings = {} }: Opening): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const [name = '', ...value] = session.split('=')
  await context.addCookies([{ name, value: value.join('='), url: product.url, httpOnly: true, sameSite: 'Strict' }])
  // The program that runs these files keeps the names of functions by this one, which the page does not have.
  await context.addInitScript('globalThis.__name = (made) => made')
  await context.addInitScript((kept) => {
    for (const [setting, text] of Object.entries(kept)) localStorage.setItem(`hopscope.${setting}`, text)
  }, settings)
  const page = await context.newPage()
  await page.goto(product.url + path)
  return page
}

/** Runs a program and hands its output over line by line, until the returned function is called. */
export function readLines(argv: readonly string[], onLine: (line: string) => void): () => void {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', onLine)
  return () => void child.kill()
}
