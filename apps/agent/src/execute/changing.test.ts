import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChangeRequest } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { systemScheduler } from '../scheduler.ts'
import { createStore } from '../store.ts'
import { openChanging } from './changing.ts'

const log = pino({ level: 'silent' })
const command = { do: 'link.up', netns: 'root', link: 'none0' } as const
const request: ChangeRequest = { kind: 'run', command, by: 'test', role: 'operator', shown: [] }

/** A host that is only a snapshot, and a folder of its own. */
function observed(sandbox?: string) {
  const snapshot = generateHost({ containers: 1, ...(sandbox !== undefined && { sandbox }) })
  const folder = mkdtempSync(join(tmpdir(), 'changing-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const store = createStore(snapshot.host, systemScheduler)
  const later = async () => undefined
  const host = { host: snapshot.host, snapshot: () => snapshot, caughtUp: later, quiet: later, store }
  return { host, folder }
}

// Only root's own file is a policy.
it.skipIf(process.getuid?.() !== 0)(
  'is refused on a real host until its root allows it, and plans in a sandbox',
  async () => {
    const { host, folder } = observed()
    const policy = join(folder, 'policy.json')
    const changing = await openChanging(host, { folder: join(folder, 'changes'), log, policyFile: policy })
    const code = async () => {
      const answer = await changing.change(request)
      return answer.kind === 'denied' ? answer.reason.code : answer.kind
    }
    expect(await code()).toBe('CHANGES_OFF')
    for (const text of ['', '{', '{"changes":"yes"}']) {
      writeFileSync(policy, text)
      expect(await code(), text).toBe('POLICY_UNREADABLE')
    }
    writeFileSync(policy, '{"changes":"off"}')
    expect(await code()).toBe('CHANGES_OFF')
    writeFileSync(policy, '{"changes":"on"}')
    expect(await code()).toBe('refused')
    const inside = observed('demo')
    const there = await openChanging(inside.host, { folder: inside.folder, log, policyFile: policy })
    expect(await there.change(request)).toMatchObject({ kind: 'refused', refusal: { code: 'LINK_MISSING' } })
  },
)

it('says where its journal should be when it cannot be written, and the host is looked at all the same', async () => {
  const { host, folder } = observed('demo')
  const file = join(folder, 'a file')
  writeFileSync(file, '')
  const changing = await openChanging(host, { folder: file, log })
  expect(await changing.change(request)).toMatchObject({
    kind: 'denied',
    reason: { code: 'JOURNAL_UNWRITABLE', params: { folder: file, errno: 'ENOTDIR' } },
  })
  expect(await changing.history()).toEqual([])
})
