// `npm start [-- --demo] [-- --port N]`: sets everything up, then keeps hub and agent running until Ctrl-C.
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { build, env, install, requireNode, root, seconds } from './ensure.mjs'
import { keepRunning } from './keepRunning.mjs'

const HELP = `npm start [-- OPTIONS]

Sets Hopscope up, runs the hub and the agent of this host, and prints one link that logs you in.

  --demo         also bring up the demo: two sandbox hosts with containers (needs root and Docker's programs)
  --port N       port of the page (default 7117)
  --data FOLDER  where accounts and keys are kept (default: var/ here, or ~/.local/share/hopscope)
  --help         show this

As an ordinary user it opens a private sandbox of its own (bridges, veths, rules; no Docker).
A part that ends by itself or hangs is started again. Ctrl-C ends everything in order, a second one at once.
Exit codes: 0 ended by Ctrl-C, SIGTERM or SIGHUP, 1 set-up or start failed, or a part failed five times within a
minute, 2 unknown option, 130 ended at once.
`

const startedAt = performance.now()
const options = readOptions()
requireNode()
const installed = install()
build()
const setUp = performance.now() - startedAt

const isRoot = process.getuid?.() === 0
const data = options.data ?? dataFolder()
const watchdog = Number(process.env.HOPSCOPE_WATCHDOG ?? 30)
const sandboxName = options.demo ? 'demo' : 'playground'
/** The `sandbox up` that is at work, if one is. */
let bringingUp
let ownsSandbox = false
let endingSince
let agent

// A terminal that was closed takes no more text; there is still a sandbox to be taken down.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0, signal))
endWithParent()

// People read this terminal: only what goes wrong is worth a line. HOPSCOPE_LOG=info shows everything.
const settings = {
  HOPSCOPE_LOG: process.env.HOPSCOPE_LOG ?? 'warn',
  HOPSCOPE_DATA: data,
  ...(options.port && { HOPSCOPE_PORT: options.port }),
}
const common = { cwd: root, watchdog, say: (line) => console.error(line), giveUp }
let ready = false
const hub = keepRunning({
  ...common,
  name: 'hub',
  argv: [join(root, 'apps/hub/dist/hub.mjs')],
  env: () => environment(settings),
  stdout: 'pipe',
  // Its exit codes above 1 say what a person has to put right (see its --help).
  isFinal: (code) => !ready && code > 1,
  onStart(child) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line)
      const link = /^Hopscope is ready: (\S+)/.exec(line)?.[1]
      if (!link || ready) return
      ready = true
      afterHub(new URL(link))
    })
  },
})

async function afterHub({ origin, port }) {
  const took = performance.now() - startedAt
  console.log(`${installed ? 'cold' : 'warm'} start: set-up ${seconds(setUp)}, ready after ${seconds(took)}`)
  if (endingSince !== undefined) return
  // Any port may have been asked for; when it starts again it is to be found at the same one.
  if (port) settings.HOPSCOPE_PORT = port
  const { HOPSCOPE_PORT: _, ...others } = settings
  agent = keepRunning({
    ...common,
    name: 'agent',
    argv: [join(root, 'apps/agent/dist/agent.mjs')],
    env: () => environment({ ...others, HOPSCOPE_HUB_URL: origin }),
    stdout: 'inherit',
    isFinal: (code) => code === 2,
  })
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
  const state = await stateOfSandbox()
  if (state === 'up') {
    console.log(`The sandbox "${sandboxName}" is up already.`)
    return
  }
  // Of one whose processes were killed there are files left, which would be in the way.
  if (state !== undefined) await hopscope(['sandbox', 'down', sandboxName], 'inherit').ended
  if (endingSince !== undefined) return
  ownsSandbox = true
  const began = performance.now()
  bringingUp = hopscope(['sandbox', 'up', sandboxName, ...args], 'inherit')
  const { code } = await bringingUp.ended
  bringingUp = undefined
  if (endingSince !== undefined) return
  if (code === 0) console.log(`Sandbox "${sandboxName}" is up after ${seconds(performance.now() - began)}.`)
  else console.log(`The sandbox "${sandboxName}" could not be brought up (see above); the rest goes on.`)
}

/** "up", or what is wrong with it; undefined when there is none. */
async function stateOfSandbox() {
  const list = await hopscope(['sandbox', 'list', '--json'], 'pipe').ended
  return JSON.parse(list.stdout || '[]').find((s) => s.name === sandboxName)?.state
}

/** What is still being made is left to its maker, who removes it; a removal at the same time would race with him. */
async function closeSandbox(output) {
  if (!ownsSandbox) return
  if (bringingUp) {
    bringingUp.child.kill('SIGINT')
    await bringingUp.ended
  }
  if (await stateOfSandbox()) await hopscope(['sandbox', 'down', sandboxName], output, output).ended
}

/** Ends everything in order: the agent, then the hub and the sandbox. A second Ctrl-C does not wait for that. */
async function end(code, signal) {
  if (endingSince !== undefined) {
    // A terminal sends Ctrl-C to this process and to npm, which sends it on to us once more.
    if (performance.now() - endingSince > 1000) endNow()
    return
  }
  endingSince = performance.now()
  const output = signal === 'SIGHUP' ? 'ignore' : 'inherit'
  // An agent that takes its time does not hold up the rest.
  const stopped = agent?.stop()
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 2_000))])
  await Promise.all([stopped, hub.stop(), closeSandbox(output)])
  process.exit(code)
}

function endNow() {
  agent?.kill()
  hub.kill()
  if (ownsSandbox) console.error(`If the sandbox is still up: npx hopscope sandbox down ${sandboxName}`)
  process.exit(130)
}

function giveUp(why) {
  console.error(why)
  end(1)
}

/** npm passes a signal to its shell, not to us, and a shell may end without a word: whoever started us is gone then. */
function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) end(0, 'SIGHUP')
  }, 1000).unref()
}

function environment(own) {
  return { ...env, NODE_ENV: 'production', ...own }
}

function hopscope(args, stdout, stderr = 'inherit') {
  const child = spawn(process.execPath, [join(root, 'apps/agent/bin/hopscope.mjs'), ...args], {
    cwd: root,
    env: environment(settings),
    stdio: ['ignore', stdout, stderr],
    // Ctrl-C reaches the whole foreground group; the sandbox is taken down by us, in order.
    detached: true,
  })
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout: text }))
  })
  return { child, ended }
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
