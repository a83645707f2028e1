import { readFileSync } from 'node:fs'
import {
  type AnyRecord,
  type HostInfo,
  type HostSnapshot,
  recordsOf,
  SOURCES,
  type Source,
  sourceSchema,
} from '@hopscope/model'
import { z } from 'zod'
import { featureSchema, findProgram, kernelFeatures } from '../../observe/kernelFeatures.ts'
import { errnoOf } from '../../observe/processes.ts'
import { capabilities, capabilitySchema } from './privileges.ts'
import { type Running, runningSchema } from './running.ts'

const programSchema = z.strictObject({
  name: z.string(),
  use: z.string(),
  path: z.string().optional(),
  remedy: z.string().optional(),
})

/** Everything that `hopscope doctor` finds. */
export const doctorSchema = z.strictObject({
  host: z.string(),
  vantage: z.string(),
  node: z.strictObject({ version: z.string(), ok: z.boolean() }),
  root: z.boolean(),
  capabilities: z.array(capabilitySchema),
  sources: z.array(sourceSchema.omit({ id: true }).extend({ records: z.number(), remedy: z.string().optional() })),
  programs: z.array(programSchema),
  kernel: z.array(featureSchema),
  /** The hub that runs here, when this host is the machine itself. */
  running: runningSchema.optional(),
  switches: z.array(z.strictObject({ name: z.string(), value: z.string(), meaning: z.string() })),
})
export type DoctorReport = z.infer<typeof doctorSchema>

export function doctorReport(
  snapshot: HostSnapshot,
  env: { PATH?: string | undefined },
  running?: Running,
): DoctorReport {
  const { host } = snapshot
  return {
    host: host.name,
    vantage: host.vantage.kind === 'sandbox' ? `host of sandbox ${host.vantage.sandbox}` : 'this host',
    node: { version: process.version, ok: nodeIsNewEnough(process.versions.node) },
    root: process.getuid?.() === 0,
    capabilities: capabilities(),
    sources: SOURCES.map((name) => sourceLine(snapshot, name)),
    programs: programs(env.PATH),
    kernel: kernelFeatures(host.kernel),
    ...(running && { running }),
    switches: switches(),
  }
}

type SourceLine = DoctorReport['sources'][number]

function sourceLine(snapshot: HostSnapshot, name: Source['name']): SourceLine {
  const found = recordsOf(snapshot, 'source').find((s) => s.name === name)
  const records = countRecords(snapshot, name)
  if (!found) return { name, state: 'unavailable', reason: 'FAILED', detail: 'Not looked at.', records }
  const { id: _id, ...source } = found
  const remedy = source.reason && remedyOf(name, source.reason, snapshot.host.vantage)
  return { ...source, records, ...(remedy && { remedy }) }
}

/** Both back ends of the firewall share their kinds of records; the engine tells them apart. */
function countRecords(snapshot: HostSnapshot, name: Source['name']): number {
  const all = kindsOf[name].flatMap((kind): AnyRecord[] => Object.values(snapshot.records[kind]))
  if (name !== 'nftables' && name !== 'iptablesLegacy') return all.length
  const engine = name === 'nftables' ? 'nft' : 'legacy'
  return all.filter((record) => 'engine' in record && record.engine === engine).length
}

const kindsOf: Record<Source['name'], (keyof HostSnapshot['records'])[]> = {
  namespaces: ['netns'],
  links: ['link'],
  addresses: ['address'],
  routes: ['route', 'policyRule'],
  neighbours: ['neighbour'],
  fdb: ['fdb'],
  sysctl: ['sysctl'],
  nftables: ['fwTable', 'fwChain', 'fwRule'],
  iptablesLegacy: ['fwTable', 'fwChain', 'fwRule'],
  conntrack: ['conntrack'],
  sockets: ['socket'],
  docker: ['container', 'dockerNetwork'],
}

const packages: Partial<Record<Source['name'], string>> = {
  docker: 'apt install docker.io',
  iptablesLegacy: 'apt install iptables',
  nftables: 'apt install nftables iptables',
  conntrack: 'apt install conntrack',
}

type Reason = NonNullable<Source['reason']>

function remedyOf(name: Source['name'], reason: Reason, vantage: HostInfo['vantage']): string | undefined {
  if (name === 'docker' && vantage.kind === 'sandbox') {
    return vantage.rootless ? 'A sandbox has Docker only when it is made by root.' : undefined
  }
  switch (reason) {
    case 'NOT_ROOT':
      return 'Run as root, or give the capabilities listed under Privileges.'
    case 'NOT_INSTALLED':
      return packages[name] && `Install it: ${packages[name]}`
    case 'NOT_IN_KERNEL':
      return 'See Kernel below for the option that it needs.'
    case 'NOT_RUNNING':
      return name === 'docker' ? 'Start it: systemctl start docker' : undefined
    case 'NO_PERMISSION':
      return name === 'docker' ? 'Run as root, or join the group: usermod -aG docker USER' : 'Run as root.'
    case 'FAILED':
      return undefined
  }
}

function programs(path: string | undefined): DoctorReport['programs'] {
  const list = [
    { name: 'nft', use: "nftables rules in nft's words", install: 'apt install nftables' },
    { name: 'iptables-nft-save', use: "rules in iptables' words", install: 'apt install iptables' },
    { name: 'iptables-legacy-save', use: 'legacy rules', install: 'apt install iptables' },
    { name: 'nsenter', use: 'sandboxes', install: 'apt install util-linux' },
    { name: 'ip', use: 'sandboxes', install: 'apt install iproute2' },
    { name: 'dockerd', use: 'Docker in sandboxes', install: 'apt install docker.io' },
  ]
  return list.map(({ name, use, install }) => {
    const found = findProgram(name, path)
    return { name, use, ...(found ? { path: found } : { remedy: install }) }
  })
}

function switches(): DoctorReport['switches'] {
  const list = [
    { name: 'net.ipv4.ip_forward', meaning: { 0: 'packets are not forwarded', 1: 'packets are forwarded' } },
    {
      name: 'net.bridge.bridge-nf-call-iptables',
      meaning: { 0: 'bridged frames skip iptables', 1: 'bridged frames meet iptables' },
    },
    {
      name: 'net.netfilter.nf_conntrack_acct',
      meaning: { 0: 'no byte counts per connection', 1: 'bytes are counted per connection' },
    },
  ]
  return list.map(({ name, meaning }) => {
    const value = readSwitch(name)
    const words: Record<string, string> = meaning
    return {
      name,
      value: value ?? 'absent',
      meaning: value === undefined ? 'not there (module not loaded)' : (words[value] ?? ''),
    }
  })
}

function readSwitch(name: string): string | undefined {
  const [first = '', second = '', ...rest] = name.split('.')
  try {
    return readFileSync(`/proc/sys/${first}/${second}/${rest.join('.')}`, 'utf8').trim()
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** package.json's "engines": 20.19 or newer. */
function nodeIsNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}
