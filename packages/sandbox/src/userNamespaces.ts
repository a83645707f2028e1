import { readFileSync } from 'node:fs'
import { errnoOf } from './errors.ts'

/** Each kernel switch that forbids user namespaces, the value that does, and how to allow them. */
const switches = [
  { key: 'user.max_user_namespaces', forbids: '0', allow: '15000' },
  { key: 'kernel.unprivileged_userns_clone', forbids: '0', allow: '1' },
  { key: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allow: '0' },
]

/** One sentence on the switch that forbids user namespaces and the command that allows them; undefined when none does. */
export function whyNamespacesAreForbidden(): string | undefined {
  const culprit = switches.find(({ key, forbids }) => readSysctl(key) === forbids)
  if (culprit === undefined) return undefined
  const { key, forbids, allow } = culprit
  return `${key} is ${forbids}, which forbids user namespaces to ordinary users: run "sudo sysctl -w ${key}=${allow}", or start as root`
}

function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key.replaceAll('.', '/')}`, 'utf8').trim()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined // Only some distributions' kernels have it.
    throw error
  }
}
