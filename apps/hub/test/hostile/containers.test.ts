import { planCommand } from '@hopscope/command'
import { changeMessageSchema, commandSchema } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { type Random, seeded } from '@hopscope/testkit/random'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { appRouter } from '../../src/api/router.ts'

const BODIES = 10_000
const host = generateHost({ containers: 12, sandbox: 'demo' })

/** What must never come of a command: Docker's names for it, the options, and how compose and others spell it. */
const POWERS: readonly (readonly [string, unknown])[] = [
  ...['Privileged', 'privileged', '--privileged'].map((key) => [key, true] as const),
  ...['Binds', 'binds', 'volumes', 'Volumes', 'volume', '-v', '--volume'].map((key) => [key, ['/:/host']] as const),
  ...['Mounts', 'mounts', 'mount'].map((key) => [key, [{ type: 'bind', source: '/', target: '/host' }]] as const),
  ...['VolumesFrom', 'volumesFrom', 'volumes_from'].map((key) => [key, ['web']] as const),
  ...['Devices', 'devices', 'device'].map((key) => [key, [{ PathOnHost: '/dev/kmsg' }, '/dev/kmsg']] as const),
  ...['DeviceRequests', 'DeviceCgroupRules', 'gpus'].map((key) => [key, ['all']] as const),
  ...['CapAdd', 'capAdd', 'cap_add', 'capabilities'].map((key) => [key, ['SYS_ADMIN', 'ALL']] as const),
  ...['SecurityOpt', 'securityOpt', 'security_opt'].map((key) => [key, ['seccomp=unconfined']] as const),
  ...['PidMode', 'pid', 'IpcMode', 'ipc', 'UTSMode', 'uts', 'UsernsMode', 'userns'].map(
    (key) => [key, 'host'] as const,
  ),
  ...['CgroupParent', 'Runtime', 'runtime', 'Sysctls', 'sysctls'].map((key) => [key, 'x'] as const),
  ...['Env', 'env', 'environment', 'Entrypoint', 'entrypoint', 'User', 'user'].map((key) => [key, ['root']] as const),
  ['labels', { hopscope: 'made' }],
]
/** The same as words, to be put where a text is expected. */
const WORDS = [
  '--privileged',
  '--privileged=true',
  '-v/:/host',
  '--volume=/:/host',
  '--mount=type=bind,src=/,dst=/host',
  '--device=/dev/kmsg',
  '--cap-add=ALL',
  '--pid=host',
  '--security-opt=seccomp=unconfined',
  '-v',
  '--',
  '-',
] as const
const TEXTS = ['name', 'image', 'network', 'hostname', 'address', 'mac', 'restart'] as const
const LISTS = ['publish', 'links', 'dns', 'dnsSearch', 'extraHosts', 'command'] as const
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'HostConfig',
  'Config',
  'hostConfig',
  'options',
  'toString',
] as const

/** A container as somebody may ask for it, and one thing that it must not get. As text, for only that can hold `__proto__`. */
function hostileBody(random: Random): { text: string; extra: boolean } {
  const body: Record<string, unknown> = { do: 'container.create', name: 'one', image: 'busybox:latest' }
  for (const [key, value] of Object.entries(FILLED)) if (random.below(3) === 0) body[key] = value
  const [key, value] = random.pick(POWERS) ?? ['Privileged', true]
  const word = random.pick(WORDS)
  const put = (where: string, forms: readonly unknown[], extra = false) => ({
    text: withEntry(body, where, forms[random.below(forms.length)]),
    extra,
  })
  switch (random.below(6)) {
    case 0:
      return put(key, [value], true)
    case 1:
      return put(random.pick(KEYS), [{ [key]: value }], true)
    case 2:
      return put(random.pick(KEYS), [{ HostConfig: { [key]: value } }], true)
    case 3: {
      const plain = String(body[random.pick(TEXTS)] ?? 'one')
      const around = [
        `${plain} ${word}`,
        `${plain}\n${word}`,
        `${word} ${plain}`,
        `${plain}\0${word}`,
        `${plain}=${word}`,
      ]
      return put(random.pick(TEXTS), [word, ...around])
    }
    case 4:
      return put(random.pick(LISTS), [
        ...[[word], word, [[word]], { 0: word, length: 1 }],
        ...[['80', word, '/:/host'], [null, word], [{ [key]: value }]],
      ])
    default:
      return put(random.pick([...TEXTS, 'do', 'publishAll']), [
        ...[['busybox', word], { toString: word }, true, 7, null, [], [[]], { [key]: value }],
      ])
  }
}

const FILLED = {
  ...{
    network: 'bridge',
    hostname: 'h',
    mac: '02:00:00:00:00:07',
    publish: ['8099:80'],
    publishAll: true,
    links: ['web'],
  },
  ...{ dns: ['10.0.0.53'], dnsSearch: ['example.org'], extraHosts: ['a:10.0.0.1'], restart: 'always', command: ['sh'] },
}

/** JSON with one more entry, which is the last of its name and so the one that counts. */
const withEntry = (body: object, key: string, value: unknown): string =>
  `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`

/** What these words of "docker" give beside a container, by Docker's own reading of them. */
function effectsOf(argv: readonly string[], image: string): string[] {
  const [program, verb, ...words] = argv
  if (program !== 'docker' || verb !== 'run') return [argv.join(' ')]
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (ALONE.includes(word)) continue
    if (WITH_VALUE.includes(word)) i++
    else return word === image && !word.startsWith('-') ? [] : [word]
  }
  return ['no image']
}

const ALONE = ['--detach', '--publish-all']
const WITH_VALUE =
  '--pull --label --name --network --ip --ip6 --mac-address --hostname --publish --link --dns --dns-search --add-host --restart'.split(
    ' ',
  )

type Procedure = { _def: { inputs: z.ZodType[] } }
// What tRPC keeps of a procedure, as far as it is asked here.
const [hubInput] = (appRouter._def.procedures as unknown as Record<string, Procedure>)['changes.run']?._def.inputs ?? []

it('no container gets power over the host, whatever is asked for', () => {
  const random = seeded('hostile containers')
  const powerful: string[] = []
  let [refused, harmless] = [0, 0]
  for (let i = 0; i < BODIES; i++) {
    const { text, extra } = hostileBody(random)
    const came = outcomeOf(JSON.parse(text))
    if (came === 'refused') refused++
    else if (came === 'harmless' && !extra) harmless++
    else powerful.push(text)
  }
  console.log(`hostile containers: ${refused} refused, ${harmless} made without it, ${powerful.length} with it`)
  expect(powerful).toEqual([])
  expect(refused).toBeGreaterThan(BODIES / 2)
})

it('who judges that sees power where there is some', () => {
  const words = ['docker', 'run', '--detach', '--name', '--privileged', '--privileged', 'busybox', '-v']
  expect(effectsOf(words, 'busybox')).toEqual(['--privileged'])
  expect(effectsOf(['docker', 'run', '--name', 'a', 'busybox', '--privileged'], 'busybox')).toEqual([])
})

/** What becomes of a body on its way over hub, agent and planner. */
function outcomeOf(command: unknown): 'refused' | 'harmless' | 'powerful' {
  const read = commandSchema.safeParse(command)
  const inHub = hubInput?.safeParse({ hostId: 'h', command, shown: [] }).success
  const request = { kind: 'run', command, by: 'x', role: 'admin', shown: [] }
  const inAgent = changeMessageSchema.safeParse({ hostId: 'h', request }).success
  if (inHub !== read.success || inAgent !== read.success) return 'powerful'
  if (!read.success || read.data.do !== 'container.create') return 'refused'
  const planned = planCommand(read.data, host)
  if ('refused' in planned) return 'refused'
  const { image } = read.data
  const effects = planned.plan.steps.flatMap(({ act }) => ('argv' in act ? effectsOf(act.argv, image) : ['no program']))
  return effects.length === 0 ? 'harmless' : 'powerful'
}
