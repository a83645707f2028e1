import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateHost } from '@hopscope/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { createExecutor } from './executor.ts'
import { openKeptPorts } from './keptPorts.ts'

const IN_USE =
  'docker: Error response from daemon: Conflict. The container name "/one" is already in use by container "ab12". You have to remove'

it.each([
  ['leaves alone what somebody else was faster with', IN_USE, []],
  ['removes what may have been made', 'context canceled', ['docker rm --force --volumes one']],
])('%s', async (_, stderr, undone) => {
  const snapshot = generateHost({ containers: 1, sandbox: 'demo' })
  const folder = mkdtempSync(join(tmpdir(), 'executor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const ran: string[] = []
  const executor = createExecutor({
    host: { snapshot: () => snapshot, caughtUp: async () => undefined },
    folder,
    ports: openKeptPorts(folder),
    async runProgram(argv) {
      ran.push(argv.join(' '))
      return { kind: 'ended', code: ran.length === 1 ? 125 : 0, stdout: '', stderr }
    },
  })
  const command = { do: 'container.create', name: 'one', image: 'busybox', network: 'bridge' } as const
  const answer = await executor.run(command, 'test')
  expect(answer).toMatchObject({ kind: 'change', change: { state: 'failed', steps: [{ state: 'failed' }] } })
  expect(ran.slice(1)).toEqual(undone)
})
