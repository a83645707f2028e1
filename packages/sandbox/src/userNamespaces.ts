import { readFileSync } from 'node:fs'
import { errnoOf } from './errors.ts'

/** Each kernel switch that forbids user namespaces, the value that does, and how to allow them. */
const switches = [
  { key: 'user.max_user_namespaces', forbids: '0', allow: '15000' },
  { key: 'kernel.unprivileged_userns_clone', forbids: '0', allow: '1' },
  { key: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allow: '0' },
]

/**
 * One sentence on what forbids namespaces and what to do about it, given the message of the program that was refused;
 * undefined when nothing is known to forbid them.
 */
export function whyNamespacesAreForbidden(refusal: string): string | undefined {
  const culprit = switches.find(({ key, forbids }) => readSysctl(key) === forbids)
  if (culprit === undefined) {
    if (!refusal.includes('not permitted')) return undefined
    return 'No kernel switch forbids it, so a container or a seccomp filter around this process does: start outside of it, or give it CAP_SYS_ADMIN'
  }
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
