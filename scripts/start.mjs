// `npm start [-- --demo] [-- --port N]`: sets everything up, then runs hub and agent until Ctrl-C.
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { build, env, install, requireNode, root, seconds } from './ensure.mjs'

const HELP = `npm start [-- OPTIONS]

Sets Hopscope up, runs the hub and the agent of this host, and prints one link that logs you in.

  --demo         also bring up the demo: two sandbox hosts with containers (needs root and Docker's programs)
  --port N       port of the page (default 7117)
  --data FOLDER  where accounts and keys are kept (default: var/ here, or ~/.local/share/hopscope)
  --help         show this

As an ordinary user it opens a private sandbox of its own (bridges, veths, rules; no Docker).
Exit codes: 0 ended by Ctrl-C, 1 set-up or start failed, 2 unknown option.
`

const startedAt = performance.now()
const options = readOptions()
requireNode()
const installed = install()
build()
const setUp = performance.now() - startedAt

const isRoot = process.getuid?.() === 0
const data = options.data ?? dataFolder()
const children = new Set()
let ending = false
const sandboxName = options.demo ? 'demo' : 'playground'
let ownsSandbox = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))

// People read this terminal: only what goes wrong is worth a line. HOPSCOPE_LOG=info shows everything.
const settings = {
  HOPSCOPE_LOG: process.env.HOPSCOPE_LOG ?? 'warn',
  HOPSCOPE_DATA: data,
  ...(options.port && { HOPSCOPE_PORT: options.port }),
}
const hub = start('hub', ['apps/hub/dist/hub.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
createInterface({ input: hub.stdout }).on('line', (line) => {
  console.log(line)
  const link = /^Hopscope is ready: (\S+)/.exec(line)?.[1]
  if (link) afterHub(new URL(link).origin)
})

async function afterHub(url) {
  const ready = performance.now() - startedAt
  console.log(`${installed ? 'cold' : 'warm'} start: set-up ${seconds(setUp)}, ready after ${seconds(ready)}`)
  const { HOPSCOPE_PORT: _, ...others } = settings
  start('agent', ['apps/agent/dist/agent.mjs'], { env: environment({ ...others, HOPSCOPE_HUB_URL: url }) })
  if (options.demo && !isRoot)
    console.log('The demo needs root (its hosts run a real dockerd). Run: sudo npm start -- --demo')
  if (options.demo && isRoot) await openSandbox(['--hosts', '2', '--demo'])
  else if (!isRoot) {
    console.log(
      'Not root: opening a private sandbox (user and network namespaces; bridges, veths and rules, no Docker).',
    )
    await openSandbox(['--demo'])
  }
}

/** Brings the sandbox up unless it is there already; what this command brought up it takes down again. */
async function openSandbox(args) {
  const list = await hopscope(['sandbox', 'list', '--json'], 'pipe')
  if (JSON.parse(list.stdout || '[]').some((s) => s.name === sandboxName)) {
    console.log(`The sandbox "${sandboxName}" is up already.`)
    return
  }
  if (ending) return
  ownsSandbox = true
  const began = performance.now()
  const up = await hopscope(['sandbox', 'up', sandboxName, ...args], 'inherit')
  if (up.code === 0) console.log(`Sandbox "${sandboxName}" is up after ${seconds(performance.now() - began)}.`)
  else console.log(`The sandbox "${sandboxName}" could not be brought up (see above); the rest goes on.`)
}

async function end(code) {
  if (ending) return
  ending = true
  if (ownsSandbox) await hopscope(['sandbox', 'down', sandboxName], 'inherit')
  for (const child of children) child.kill('SIGTERM')
  process.exitCode = code
}

/** A long-running part. When one ends by itself, everything ends. */
function start(name, args, extra = {}) {
  const child = spawn(process.execPath, [join(root, args[0]), ...args.slice(1)], {
    cwd: root,
    env: environment(settings),
    stdio: ['ignore', 'inherit', 'inherit'],
    ...extra,
  })
  children.add(child)
  child.on('exit', (code, signal) => {
    children.delete(child)
    if (ending) return
    console.error(`The ${name} ended (${signal ?? `exit code ${code}`}).`)
    end(1)
  })
  return child
}

function environment(own) {
  return { ...env, NODE_ENV: 'production', ...own }
}

function hopscope(args, stdout) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'apps/agent/bin/hopscope.mjs'), ...args], {
      cwd: root,
      env: environment(settings),
      stdio: ['ignore', stdout, 'inherit'],
      // Ctrl-C reaches the whole foreground group; the sandbox is taken down by us, in order.
      detached: true,
    })
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout: text }))
  })
}

function dataFolder() {
  const here = join(root, 'var')
  try {
    mkdirSync(here, { recursive: true })
    accessSync(here, constants.W_OK)
    return here
  } catch (error) {
    const fallback = join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'hopscope')
    console.error(`${here} cannot be written (${error.code}); keeping data in ${fallback}.`)
    return fallback
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        demo: { type: 'boolean' },
        port: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (!values.help) return values
    console.log(HELP)
    process.exit(0)
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`)
    process.exit(2)
  }
}
