import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChangeAnswer, type Command, changeAnswerSchema } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bundled } from '../bundled.ts'

const BEFORE = [
  'link add br0 up type bridge',
  'link add br1 up type bridge',
  'link add port0 type veth peer name far0',
  'link set port0 master br0 up',
  'link set far0 up',
  'link add other0 type veth peer name other1',
  'address add 10.7.0.1/24 dev far0',
]

describe.skipIf(process.getuid?.() !== 0)('somebody else meanwhile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meanwhile-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let child: ChildProcess
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-meanwhile', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    await host.run(['ip', '-batch', '-'], { input: BEFORE.map((line) => `${line}\n`).join('') })
    const entry = join(import.meta.dirname, 'meanwhileChild.ts')
    child = host.spawn([process.execPath, await bundled(entry), folder], {
      cwd: process.cwd(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    await once(child, 'message')
  }, 60_000)
  afterAll(async () => {
    child?.disconnect()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
  })

  async function answers(commands: Command[], meanwhile?: string[]): Promise<ChangeAnswer[]> {
    const answered = once(child, 'message')
    child.send({ commands, ...(meanwhile && { meanwhile }) })
    const [came] = await answered
    return z.array(changeAnswerSchema).parse(came)
  }
  const ip = (...words: string[]) => ['ip', ...words]

  it.each<[string, Command, string[], object]>([
    [
      'renamed the link',
      { do: 'link.up', netns: 'root', link: 'other0' },
      ip('link', 'set', 'dev', 'other0', 'name', 'theirs0'),
      { code: 'NOW_LINK_GONE', difference: { found: expect.stringMatching(/^\d+: theirs0$/) } },
    ],
    [
      'deleted the link',
      { do: 'link.up', netns: 'root', link: 'other1' },
      ip('link', 'delete', 'dev', 'other1'),
      { code: 'NOW_LINK_GONE', difference: { expected: expect.stringMatching(/^\d+: other1$/) } },
    ],
    [
      'plugged it in elsewhere',
      { do: 'link.detach', netns: 'root', link: 'port0' },
      ip('link', 'set', 'dev', 'port0', 'master', 'br1'),
      {
        code: 'NOW_PORT_MOVED',
        difference: {
          expected: expect.stringMatching(/^\d+: port0 master br0$/),
          found: expect.stringMatching(/^\d+: port0 master br1$/),
        },
      },
    ],
    [
      'took the name',
      { do: 'bridge.create', netns: 'root', name: 'br9' },
      ip('link', 'add', 'name', 'br9', 'type', 'bridge'),
      { code: 'NOW_LINK_THERE', difference: { found: expect.stringMatching(/^\d+: br9$/) } },
    ],
  ])('who %s: nothing is run, and the difference is shown', async (_, command, meanwhile, reason) => {
    const [answer] = await answers([command], meanwhile)
    expect(answer).toMatchObject({ kind: 'change', change: { state: 'failed', reason } })
    expect(answer?.kind === 'change' && answer.change.steps.map(({ state }) => state)).not.toContain('done')
  })

  it('one of two operators wins, and the other is shown the commands as they are now, or why it cannot be any more', async () => {
    const [won, moved] = await answers([
      { do: 'route.replaceDefault', netns: 'root', via: '192.168.66.99' },
      { do: 'route.delete', netns: 'root', dst: 'default', table: 254 },
    ])
    expect(won).toMatchObject({ kind: 'change', change: { state: 'done', by: 'operator 0' } })
    expect(moved).toEqual({ kind: 'moved', shell: [expect.stringContaining('192.168.66.99')] })
    expect(await host.run(ip('route', 'show', 'default'))).toContain('192.168.66.99')

    const twice: Command = { do: 'link.rename', netns: 'root', link: 'br1', to: 'br2' }
    const [first, second] = await answers([twice, { ...twice, to: 'br3' }])
    expect(first).toMatchObject({ kind: 'change', change: { state: 'done' } })
    expect(second).toMatchObject({ kind: 'refused', refusal: { code: 'LINK_MISSING' } })
  })
})
