import { existsSync } from 'node:fs'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const found = process.env.CHROMIUM ?? PROGRAMS.find((path) => existsSync(path))

/** How Chromium is started: the host's own, without a GPU, and without anything that asks the network for something. */
export const CHROMIUM = {
  ...(found && { executablePath: found }),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
  ],
}
