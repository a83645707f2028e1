import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { errnoOf } from './processes.ts'

const stateSchema = z.enum(['built in', 'loaded', 'module', 'absent', 'unknown'])
export const featureSchema = z.strictObject({
  name: z.string(),
  /** What it is needed for. */
  use: z.string(),
  state: stateSchema,
  /** Name of the option in the kernel's configuration. */
  option: z.string(),
  remedy: z.string().optional(),
})
export type Feature = z.infer<typeof featureSchema>

type Wanted = { name: string; use: string; option: string; module?: string }

const wanted: Wanted[] = [
  { name: 'bridge', use: 'bridges, Docker networks', option: 'BRIDGE', module: 'bridge' },
  { name: 'bridge VLAN filtering', use: 'VLAN tags on bridge ports', option: 'BRIDGE_VLAN_FILTERING' },
  {
    name: 'br_netfilter',
    use: 'iptables rules for bridged frames',
    option: 'BRIDGE_NETFILTER',
    module: 'br_netfilter',
  },
  { name: 'veth', use: 'cables into containers', option: 'VETH', module: 'veth' },
  { name: 'macvlan', use: 'macvlan networks', option: 'MACVLAN', module: 'macvlan' },
  { name: 'ipvlan', use: 'ipvlan networks', option: 'IPVLAN', module: 'ipvlan' },
  { name: 'dummy', use: 'links that lead nowhere', option: 'DUMMY', module: 'dummy' },
  { name: 'vlan', use: '802.1Q links', option: 'VLAN_8021Q', module: '8021q' },
  { name: 'vxlan', use: 'overlay networks', option: 'VXLAN', module: 'vxlan' },
  { name: 'nftables', use: 'nft rules and iptables-nft', option: 'NF_TABLES', module: 'nf_tables' },
  { name: 'iptables-legacy', use: 'rules of iptables-legacy', option: 'IP_NF_IPTABLES_LEGACY', module: 'ip_tables' },
  { name: 'conntrack', use: 'tracked connections, NAT', option: 'NF_CONNTRACK', module: 'nf_conntrack' },
  {
    name: 'conntrack over netlink',
    use: 'reading tracked connections',
    option: 'NF_CT_NETLINK',
    module: 'nf_conntrack_netlink',
  },
  { name: 'socket diagnosis', use: 'listening sockets', option: 'INET_DIAG', module: 'inet_diag' },
  { name: 'user namespaces', use: 'sandboxes without root', option: 'USER_NS' },
]

/** Which kernel features there are, from the kernel's configuration, its loaded modules and its module folder. */
export function kernelFeatures(release: string): Feature[] {
  const sources = { config: readConfig(release), modules: moduleLists(release) }
  return wanted.map((feature) => {
    const state = stateOf(feature, sources)
    const remedy = remedyOf(feature, state)
    const { name, use, option } = feature
    return { name, use, option: `CONFIG_${option}`, state, ...(remedy && { remedy }) }
  })
}

/** Kinds of links that this kernel cannot make. */
export function lackingKinds(release: string): string[] {
  const kinds = ['bridge', 'veth', 'macvlan', 'ipvlan', 'dummy', 'vxlan']
  return kernelFeatures(release).flatMap(({ name, state }) =>
    state === 'absent' && kinds.includes(name) ? [name] : [],
  )
}

type Sources = { config: Map<string, string> | undefined; modules: ModuleLists | undefined }

function stateOf({ option, module }: Wanted, { config, modules }: Sources): Feature['state'] {
  if (module && existsSync(`/sys/module/${module}/initstate`)) return 'loaded'
  // Before Linux 6.16 the legacy tables had no option of their own.
  const fallback = option === 'IP_NF_IPTABLES_LEGACY' ? 'IP_NF_IPTABLES' : option
  const value = config?.get(option) ?? config?.get(fallback)
  if (value === 'y') return 'built in'
  if (module && modules?.builtIn.has(module)) return 'built in'
  if (value === 'm' || (module && modules?.loadable.has(module))) {
    return module && modules && !modules.loadable.has(module) ? 'absent' : 'module'
  }
  if (config) return 'absent'
  return modules && module ? 'absent' : 'unknown'
}

function remedyOf({ module, option }: Wanted, state: Feature['state']): string | undefined {
  if (state === 'module' && module) return `loads when needed, or now: modprobe ${module}`
  if (state === 'absent') return `needs a kernel with CONFIG_${option}`
  return undefined
}

function readConfig(release: string): Map<string, string> | undefined {
  const text =
    readText(`/boot/config-${release}`) ??
    readText(`/lib/modules/${release}/config`) ??
    readText('/proc/config.gz', (bytes) => gunzipSync(bytes).toString('utf8'))
  if (text === undefined) return undefined
  return new Map([...text.matchAll(/^CONFIG_(\w+)=([ym])$/gm)].map((m): [string, string] => [m[1] ?? '', m[2] ?? '']))
}

type ModuleLists = { builtIn: Set<string>; loadable: Set<string> }

function moduleLists(release: string): ModuleLists | undefined {
  const folder = `/lib/modules/${release}`
  const builtIn = readText(`${folder}/modules.builtin`)
  const loadable = readText(`${folder}/modules.dep`)
  if (builtIn === undefined || loadable === undefined) return undefined
  const names = (text: string) =>
    new Set([...text.matchAll(/([^/\s]+)\.ko(?:\.\w+)?(?::|$)/gm)].map((m) => (m[1] ?? '').replaceAll('-', '_')))
  return { builtIn: names(builtIn), loadable: names(loadable) }
}

function readText(path: string, decode = (bytes: Buffer) => bytes.toString('utf8')): string | undefined {
  try {
    return decode(readFileSync(path))
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** A program's path on the PATH or in the system folders. Same as `command -v NAME`. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  const folders = [...(path ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  for (const folder of folders) {
    if (folder !== '' && listed(folder).has(name)) return `${folder}/${name}`
  }
  return undefined
}

const seen = new Map<string, Set<string>>()
function listed(folder: string): Set<string> {
  let names = seen.get(folder)
  if (!names) {
    try {
      names = new Set(readdirSync(folder))
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error
      names = new Set()
    }
    seen.set(folder, names)
  }
  return names
}
