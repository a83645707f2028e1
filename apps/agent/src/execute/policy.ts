import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Reason } from '@hopscope/command'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { type AskingRole, COMMAND_NAMES, type Command } from '@hopscope/protocol'
import { z } from 'zod'
import { errnoOf } from '../observe/processes.ts'

/** A command's name, or all of a kind: `link.*`. */
const commands = z
  .string()
  .refine(
    (text) => COMMAND_NAMES.some((name) => name === text || `${name.slice(0, name.indexOf('.'))}.*` === text),
    'names no command and no group of them, such as link.up or link.*',
  )
const policySchema = z.strictObject({
  changes: z.enum(['on', 'off']),
  /** What each role may run; all that its role may where it is left out. Admins may also run what operators may. */
  roles: z.strictObject({ operator: z.array(commands).optional(), admin: z.array(commands).optional() }).optional(),
  /** Images that containers may be made of, `*` for anything; every image of the host where it is left out. */
  images: z.array(z.string().regex(/^[\w.:/@*-]+$/, 'is no image, such as busybox:*')).optional(),
})
export type Policy = z.infer<typeof policySchema>

const LARGEST = 64 * 1024

/** The policy of a file that root alone can have written, or why it says nothing. */
export function readPolicy(file: string): { policy: Policy } | { reason: Reason } {
  let fd: number
  try {
    // A link could lead to what somebody else writes.
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    if (errno === 'ENOENT') return { reason: { code: 'CHANGES_OFF', params: { file } } }
    return unreadable(file, errno === 'ELOOP' ? 'it is a symbolic link' : errno)
  }
  try {
    const { uid, mode, size } = fstatSync(fd)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > LARGEST) return unreadable(file, 'it is no such file')
    if (uid !== 0) return { reason: { code: 'POLICY_OWNER', params: { file, owner: uid } } }
    if ((mode & 0o022) !== 0)
      return { reason: { code: 'POLICY_WRITABLE', params: { file, mode: (mode & 0o777).toString(8) } } }
    return parsePolicy(file, readFileSync(fd, 'utf8'))
  } finally {
    closeSync(fd)
  }
}

export function parsePolicy(file: string, text: string): { policy: Policy } | { reason: Reason } {
  try {
    return { policy: policySchema.parse(JSON.parse(text)) }
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable(file, error.message)
    if (!(error instanceof z.ZodError)) throw error
    return unreadable(file, error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; '))
  }
}

type Asked = { file: string; role: AskingRole; command: Command; snapshot: HostSnapshot }

/** Why a policy does not let somebody run a command; undefined when it does. */
export function whyForbidden(policy: Policy, { file, role, command, snapshot }: Asked): Reason | undefined {
  if (policy.changes === 'off') return { code: 'CHANGES_OFF', params: { file } }
  const { operator, admin } = policy.roles ?? {}
  const list = role === 'operator' ? operator : admin && [...admin, ...(operator ?? [])]
  const mayRun = list?.some((one) => one === command.do || one === `${command.do.slice(0, command.do.indexOf('.'))}.*`)
  if (mayRun === false) return { code: 'POLICY_COMMAND', params: { file, role, command: command.do } }
  const image = imageOf(command, snapshot)
  if (image === undefined || policy.images === undefined) return undefined
  const isListed = policy.images.some((pattern) => matches(pattern, withTag(image)))
  return isListed ? undefined : { code: 'POLICY_IMAGE', params: { file, image } }
}

/** What a command makes a container of. */
function imageOf(command: Command, snapshot: HostSnapshot): string | undefined {
  if ('image' in command) return command.image
  if (!('by' in command) || command.by !== 'recreate') return undefined
  const { container } = command
  return recordsOf(snapshot, 'container').find((one) => one.name === container || one.containerId.startsWith(container))
    ?.image
}

/** Docker takes an image without a tag for its latest. */
const withTag = (image: string): string => (/@|:[^/]+$/.test(image) ? image : `${image}:latest`)

function matches(pattern: string, image: string): boolean {
  const parts = (pattern.includes('*') ? pattern : withTag(pattern))
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(image)
}

const unreadable = (file: string, detail: string): { reason: Reason } => ({
  reason: { code: 'POLICY_UNREADABLE', params: { file }, detail },
})
