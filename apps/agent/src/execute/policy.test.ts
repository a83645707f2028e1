import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AskingRole, Command } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Policy, parsePolicy, readPolicy, whyForbidden } from './policy.ts'

const snapshot = generateHost({ containers: 2 })
const [up, down, made] = [
  { do: 'link.up', netns: 'root', link: 'eth0' },
  { do: 'link.down', netns: 'root', link: 'eth0' },
  { do: 'container.create', name: 'one', image: 'busybox', network: 'bridge' },
] as const satisfies Command[]
const code = (policy: Policy, role: AskingRole, command: Command) =>
  whyForbidden(policy, { file: 'p', role, command, snapshot })?.code

describe('a policy', () => {
  it('lets each role run what it lists, and admins what operators may', () => {
    const policy: Policy = { changes: 'on', roles: { operator: ['link.up'], admin: ['container.*'] } }
    expect(code(policy, 'operator', up)).toBeUndefined()
    expect(code(policy, 'operator', down)).toBe('POLICY_COMMAND')
    expect(code(policy, 'operator', made)).toBe('POLICY_COMMAND')
    expect(code(policy, 'admin', made)).toBeUndefined()
    expect(code(policy, 'admin', up)).toBeUndefined()
    expect(code(policy, 'admin', down)).toBe('POLICY_COMMAND')
    expect(code({ changes: 'on', roles: { operator: [] } }, 'admin', down)).toBeUndefined()
    expect(code({ changes: 'on' }, 'operator', down)).toBeUndefined()
    expect(code({ changes: 'off' }, 'admin', up)).toBe('CHANGES_OFF')
  })

  it.each([
    ['busybox:*', 'busybox', true],
    ['busybox', 'busybox', true],
    ['busybox', 'busybox:latest', true],
    ['busybox', 'busybox:1.36', false],
    ['busybox:*', 'busybox-evil:latest', false],
    ['busybox:*', 'evil/busybox:latest', false],
    ['registry.example.org:5000/team/*', 'registry.example.org:5000/team/app:2', true],
    ['registry.example.org:5000/team/*', 'registryXexample.org:5000/team/app', false],
    ['nginx@sha256:*', 'nginx@sha256:00', true],
    ['*', 'anything', true],
  ])('that lists the image %s decides on %s: %s', (pattern, image, isAllowed) => {
    const policy = parsePolicy('p', JSON.stringify({ changes: 'on', images: [pattern] }))
    if ('reason' in policy) throw new Error(policy.reason.detail)
    expect(code(policy.policy, 'admin', { ...made, image })).toBe(isAllowed ? undefined : 'POLICY_IMAGE')
  })

  it('holds for containers that are made anew as well', () => {
    const command: Command = { do: 'port.publish', container: 'web', publish: '81:80', by: 'recreate' }
    expect(code({ changes: 'on', images: [] }, 'admin', command)).toBe('POLICY_IMAGE')
    expect(code({ changes: 'on', images: [] }, 'admin', { ...command, by: 'rules' })).toBeUndefined()
  })

  it.each([
    ['', /JSON/],
    ['{"changes":"yes"}', /changes/],
    ['{"changes":"on","more":1}', /more/],
    ['{"changes":"on","roles":{"operator":["link.fly"]}}', /roles\.operator\.0 names no command/],
    ['{"changes":"on","roles":{"viewer":[]}}', /viewer/],
    ['{"changes":"on","images":["a b"]}', /images\.0/],
  ])('is not guessed at: %s', (text, why) => {
    expect(parsePolicy('p', text)).toMatchObject({
      reason: { code: 'POLICY_UNREADABLE', detail: expect.stringMatching(why) },
    })
  })
})

describe.skipIf(process.getuid?.() !== 0)("a policy's file", () => {
  const reason = (prepare: (file: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'policy.json')
    prepare(file)
    const read = readPolicy(file)
    return 'reason' in read ? read.reason : read.policy
  }
  const write = (file: string, mode = 0o644) => {
    writeFileSync(file, '{"changes":"on"}')
    chmodSync(file, mode)
  }
  it('is read when only root can have written it', () => {
    expect(reason(write)).toEqual({ changes: 'on' })
    expect(reason(() => undefined)).toMatchObject({ code: 'CHANGES_OFF' })
  })
  it('is refused when it is not of root, others may write it, or it is something else', () => {
    const owned = reason((file) => {
      write(file)
      chownSync(file, 1000, 0)
    })
    expect(owned).toMatchObject({ code: 'POLICY_OWNER', params: { owner: 1000 } })
    for (const mode of [0o664, 0o646, 0o666])
      expect(reason((file) => write(file, mode))).toMatchObject({ code: 'POLICY_WRITABLE' })
    const linked = reason((file) => {
      write(`${file}.real`)
      symlinkSync(`${file}.real`, file)
    })
    expect(linked).toMatchObject({ code: 'POLICY_UNREADABLE', detail: 'it is a symbolic link' })
    expect(reason((file) => symlinkSync('/dev/zero', file))).toMatchObject({ code: 'POLICY_UNREADABLE' })
  })
})
