import { z } from 'zod'
import type { Info } from './shapes.ts'

/** What Docker takes where nothing is said. */
export type Defaults = Pick<Info, 'LoggingDriver' | 'CgroupVersion' | 'DefaultRuntime'>

/** Settings that are told elsewhere, or that mean nothing to a container made anew. */
export const HARMLESS: ReadonlySet<string> = new Set([
  // Told by the record itself.
  ...['Hostname', 'Domainname', 'Image', 'ExposedPorts', 'Labels', 'Env', 'Cmd', 'Entrypoint', 'Volumes'],
  ...['NetworkMode', 'PortBindings', 'PublishAllPorts', 'RestartPolicy', 'Links', 'ExtraHosts'],
  ...['Dns', 'DnsOptions', 'DnsSearch', 'Binds', 'Mounts', 'VolumesFrom'],
  // Of whoever typed "docker run", or of another system.
  ...['AttachStdin', 'AttachStdout', 'AttachStderr', 'StdinOnce', 'ContainerIDFile', 'ConsoleSize', 'ArgsEscaped'],
  ...['OnBuild', 'Shell'],
])

/** What gives power over the host, as the option that gives it; undefined when the setting gives none. */
export function powerOf(name: string, value: unknown): string | undefined {
  // A container that sees the paths which Docker hides has an empty list; one that hides them has them all.
  if (name === 'MaskedPaths' && Array.isArray(value) && value.length === 0)
    return '--security-opt systempaths=unconfined'
  if (isEmpty(value)) return undefined
  const option = Object.hasOwn(POWERS, name) ? POWERS[name] : undefined
  if (option !== undefined) return option
  if (Object.hasOwn(HOST_MODES, name)) return value === 'host' ? HOST_MODES[name] : undefined
  if (name !== 'SecurityOpt' || isEveryNoNew(value)) return undefined
  return '--security-opt'
}

/** What Docker says where nothing was asked for. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

const POWERS: Readonly<Record<string, string>> = {
  Privileged: '--privileged',
  CapAdd: '--cap-add',
  Devices: '--device',
  DeviceRequests: '--gpus',
  DeviceCgroupRules: '--device-cgroup-rule',
}
const HOST_MODES: Readonly<Record<string, string>> = {
  PidMode: '--pid host',
  IpcMode: '--ipc host',
  UTSMode: '--uts host',
  UsernsMode: '--userns host',
}
/** The one security option that takes power away. */
const isEveryNoNew = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => /^no-new-privileges(?:[:=]true)?$/.test(String(one)))

const text = z.string()
const texts = z.array(text)
const number = z.number()
type Words = (value: unknown, defaults: Defaults) => string[] | undefined

const one =
  (option: string): Words =>
  (value) => [option, String(z.union([text, number]).parse(value))]
const each =
  (option: string): Words =>
  (value) =>
    texts.parse(value).flatMap((word) => [option, word])
const flag =
  (option: string): Words =>
  () => [option]
const pairs =
  (option: string, between: string): Words =>
  (value) =>
    Object.entries(z.record(text, text).parse(value)).flatMap(([name, set]) => [
      option,
      set === '' ? name : `${name}${between}${set}`,
    ])

/** By Docker's names, the words of "docker create" that make the same; undefined for what none makes. */
const OPTIONS: Readonly<Record<string, Words>> = {
  User: one('--user'),
  WorkingDir: one('--workdir'),
  Tty: flag('--tty'),
  OpenStdin: flag('--interactive'),
  StopSignal: one('--stop-signal'),
  // A program may run for 20 seconds; one that needs longer to end would be taken for one that hangs.
  StopTimeout: (value) => (number.parse(value) > 15 ? undefined : ['--stop-timeout', String(value)]),
  Healthcheck: healthWords,
  MacAddress: one('--mac-address'),
  Memory: one('--memory'),
  MemoryReservation: one('--memory-reservation'),
  MemorySwap: one('--memory-swap'),
  MemorySwappiness: one('--memory-swappiness'),
  NanoCpus: (value) => ['--cpus', String(number.parse(value) / 1e9)],
  CpuShares: one('--cpu-shares'),
  CpuPeriod: one('--cpu-period'),
  CpuQuota: one('--cpu-quota'),
  CpusetCpus: one('--cpuset-cpus'),
  CpusetMems: one('--cpuset-mems'),
  PidsLimit: one('--pids-limit'),
  BlkioWeight: one('--blkio-weight'),
  OomKillDisable: flag('--oom-kill-disable'),
  OomScoreAdj: one('--oom-score-adj'),
  ShmSize: (value) => (value === 64 * 1024 * 1024 ? [] : ['--shm-size', String(number.parse(value))]),
  ReadonlyRootfs: flag('--read-only'),
  Init: flag('--init'),
  CapDrop: each('--cap-drop'),
  GroupAdd: each('--group-add'),
  SecurityOpt: each('--security-opt'),
  Tmpfs: pairs('--tmpfs', ':'),
  Sysctls: pairs('--sysctl', '='),
  Ulimits: (value) =>
    z
      .array(z.object({ Name: text, Soft: number, Hard: number }))
      .parse(value)
      .flatMap(({ Name, Soft, Hard }) => ['--ulimit', `${Name}=${Soft}:${Hard}`]),
  LogConfig: logWords,
  IpcMode: (value) =>
    value === 'private' ? [] : value === 'shareable' || value === 'none' ? ['--ipc', value] : undefined,
  // Docker says what it chose, which depends on the host's cgroups.
  CgroupnsMode: (value, { CgroupVersion }) => (value === (CgroupVersion === '2' ? 'private' : 'host') ? [] : undefined),
  Runtime: (value, { DefaultRuntime }) => (value === (DefaultRuntime || 'runc') ? [] : undefined),
  Isolation: (value) => (value === 'default' ? [] : undefined),
  MaskedPaths: () => [],
  ReadonlyPaths: () => [],
}

/** The words of "docker create" for a setting; undefined when none makes it, or it is of a form that we do not know. */
export function optionOf(name: string, value: unknown, defaults: Defaults): string[] | undefined {
  try {
    return Object.hasOwn(OPTIONS, name) ? OPTIONS[name]?.(value, defaults) : undefined
  } catch (error) {
    if (error instanceof z.ZodError) return undefined
    throw error
  }
}

const health = z.strictObject({
  Test: texts.nullish(),
  Interval: number.optional(),
  Timeout: number.optional(),
  StartPeriod: number.optional(),
  Retries: number.optional(),
})

function healthWords(value: unknown): string[] | undefined {
  const read = health.safeParse(value)
  if (!read.success) return undefined
  const { Test, Interval, Timeout, StartPeriod, Retries } = read.data
  if (Test?.[0] === 'NONE') return ['--no-healthcheck']
  if (Test?.[0] !== 'CMD-SHELL' || Test.length !== 2) return undefined
  const time = (option: string, nanoseconds: number | undefined) =>
    nanoseconds ? [option, `${nanoseconds / 1e6}ms`] : []
  return [
    ...['--health-cmd', Test[1] ?? ''],
    ...time('--health-interval', Interval),
    ...time('--health-timeout', Timeout),
    ...time('--health-start-period', StartPeriod),
    ...(Retries ? ['--health-retries', String(Retries)] : []),
  ]
}

/** Of these drivers no option holds a secret. */
const LOG_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-size', 'max-file', 'compress'],
  local: ['max-size', 'max-file', 'compress'],
  none: [],
}
const log = z.object({ Type: text, Config: z.record(text, text).nullish() })

function logWords(value: unknown, { LoggingDriver }: Defaults): string[] | undefined {
  const { Type, Config } = log.parse(value)
  const options = Object.entries(Config ?? {})
  if (options.length === 0 && Type === LoggingDriver) return []
  const known = Object.hasOwn(LOG_OPTIONS, Type) ? LOG_OPTIONS[Type] : undefined
  if (known === undefined || options.some(([name]) => !known.includes(name))) return undefined
  return ['--log-driver', Type, ...options.flatMap(([name, set]) => ['--log-opt', `${name}=${set}`])]
}
