// The programs that tests and sandboxes need, and where Debian keeps them.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program → Debian package. */
const PROGRAMS = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  'iptables-legacy': 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  bridge: 'iproute2',
  ping: 'iputils-ping',
  busybox: 'busybox-static',
  brctl: 'bridge-utils',
  setpriv: 'util-linux',
  strace: 'strace',
  chromium: 'chromium',
  'fc-list': 'fontconfig',
}
/** Programs that `npm run bench` compares with. */
export const PEERS = { plotnetcfg: 'plotnetcfg', jq: 'jq' }
const CJK_FONTS = { test: '/usr/share/fonts/opentype/noto', package: 'fonts-noto-cjk' }

/** Names of the Debian packages whose programs are missing on this machine. */
export function missingPackages(others = {}) {
  const missing = Object.entries({ ...PROGRAMS, ...others })
    .filter(([program]) => !findProgram(program))
    .map(([, name]) => name)
  if (!existsSync(CJK_FONTS.test)) missing.push(CJK_FONTS.package)
  return [...new Set(missing)]
}

/** As root on Debian or Ubuntu installs what is missing; elsewhere says what it is. Returns what is still missing. */
export function ensurePackages(others = {}) {
  const missing = missingPackages(others)
  if (missing.length === 0) return []
  if (process.getuid?.() === 0 && findProgram('apt-get')) {
    console.error(`Installing system packages: ${missing.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    apt(['update', '-qq'], env)
    apt(['install', '-y', '-qq', '--no-install-recommends', ...missing], env)
  }
  const still = missingPackages(others)
  if (still.length)
    console.error(`Missing: ${still.join(' ')} (Debian package names). As root: apt-get install ${still.join(' ')}`)
  return still
}

function apt(args, env) {
  const result = spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] })
  if (result.status !== 0) console.error(`apt-get ${args[0]} failed (exit code ${result.status}).`)
}

function findProgram(name) {
  const folders = `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR') return false
    throw error
  }
}
