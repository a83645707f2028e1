import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostSnapshot, hostSnapshotSchema, recordsOf, visibleLines } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled } from '../../test/bundled.ts'

const folder = mkdtempSync(join(tmpdir(), 't-hostile-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
mkdirSync(join(folder, 'run'))

// Names that the kernel takes: 15 bytes, anything but a slash, a colon and white space.
const LINKS = [
  '\u001b[31mred\u001b[0m',
  'evil\u202etxt',
  '<b>&amp;"',
  '__proto__',
  'constructor',
  '-rf',
  '🧑‍🚀',
  'a\u0007\u0001b',
  "it's;$(x)",
]
const ALIAS = '\u001b]0;owned\u0007<script>alert(1)</script>\u202e\u0085'
const COMMENT = 'evil \u001b[2J\u202e<img src=x onerror=alert(1)>'
const LABELS = { __proto_: 'x', constructor: '\u001b[31m', '<b>': '\u202e', '-rf': '--' }

let sandbox: Sandbox
let host: SandboxHost
beforeAll(async () => {
  sandbox = await createSandbox({ name: 't-hostile', hosts: 1 })
  const [first] = sandbox.hosts
  if (!first) throw new Error('the sandbox has no host')
  host = first
  for (const [i, name] of LINKS.entries()) {
    await host.run(['ip', 'link', 'add', 'name', name, 'type', 'bridge'])
    await host.run(['ip', 'link', 'set', 'dev', name, 'alias', `${i} ${ALIAS}`])
  }
  await host.run(['iptables', '-A', 'FORWARD', '-m', 'comment', '--comment', COMMENT, '-j', 'ACCEPT'])
  const labels = [...Object.entries(LABELS), ['__proto__', 'y']].flatMap(([k, v]) => ['--label', `${k}=${v}`])
  await host.docker('network', 'create', ...labels, 'constructor')
  await host.docker('run', '-d', '--name', 'toString', '--network', 'constructor', ...labels, 'busybox', 'sleep', '600')
})
afterAll(async () => {
  await sandbox?.down()
  rmSync(folder, { recursive: true })
})

const program = await bundled(join(import.meta.dirname, 'main.ts'))
const start = (...argv: string[]): ChildProcess => spawn(process.execPath, [program, ...argv, '--vantage', host.name])

async function hopscope(...argv: string[]): Promise<string> {
  const child = start(...argv)
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  expect((await once(child, 'close'))[0]).toBe(0)
  return text
}

describe('names that a kernel and an engine take', () => {
  it('are known as they are, and JSON holds them in escapes', async () => {
    const text = await hopscope('snapshot', '--json')
    expect(visibleLines(text)).toBe(text)
    const snapshot: HostSnapshot = hostSnapshotSchema.parse(JSON.parse(text))
    const links = recordsOf(snapshot, 'link')
    for (const [i, name] of LINKS.entries()) expect(links.find((l) => l.name === name)?.alias).toBe(`${i} ${ALIAS}`)
    expect(recordsOf(snapshot, 'fwRule').some((r) => r.text.includes('onerror'))).toBe(true)
    const container = recordsOf(snapshot, 'container').find((c) => c.name === 'toString')
    const network = recordsOf(snapshot, 'dockerNetwork').find((n) => n.name === 'constructor')
    for (const labels of [container?.labels, network?.labels])
      expect(Object.entries(labels ?? {}).sort()).toEqual([...Object.entries(LABELS), ['__proto__', 'y']].sort())
  })
  it.each(['snapshot', 'topology'])('reach the terminal without anything that it would obey: %s', async (command) => {
    const text = await hopscope(command)
    expect(text).toContain('␛[31mred␛[0m')
    expect(text).toContain('evil\\u{202e}txt')
    expect(visibleLines(text)).toBe(text)
  })
  it('do so as they change, too', async () => {
    const child = start('watch')
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    const ready = new Promise((resolve) => child.stderr?.once('data', resolve))
    await ready
    await host.run(['ip', 'link', 'set', 'dev', LINKS[0] ?? '', 'alias', `changed ${ALIAS}`])
    await expect.poll(() => text, { timeout: 20_000 }).toContain('changed ␛]0;owned␇')
    child.kill('SIGINT')
    await once(child, 'close')
    expect(visibleLines(text)).toBe(text)
  })
})
