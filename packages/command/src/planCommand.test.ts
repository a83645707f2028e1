import { recordsOf, visible } from '@hopscope/model'
import { COMMAND_NAMES, type Command, commandSchema } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { lineOf, planCommand, say, sayRefusal } from './index.ts'
import { PHRASES, REFUSALS } from './words/codes.ts'
import { REASONS } from './words/reasons.ts'
import { WORDS } from './words/words.ts'

const sandbox = generateHost({ containers: 46, handMade: 2, sandbox: 'demo' })
const machine = generateHost({ containers: 46, handMade: 2 })
const planOf = (command: Command, host = sandbox) => {
  const planned = planCommand(command, host)
  if ('refused' in planned) throw new Error(sayRefusal(planned.refused))
  return planned.plan
}
const linesOf = (command: Command, host = sandbox) => planOf(command, host).steps.map(({ act }) => lineOf(host, act))

describe('plans', () => {
  it('name the namespace as a person would', () => {
    expect(linesOf({ do: 'link.down', netns: 'root', link: 'docker0' })).toEqual(['ip link set dev docker0 down'])
    expect(linesOf({ do: 'link.down', netns: 'ns1', link: 'veth1' })).toEqual(['ip -n ns1 link set dev veth1 down'])
    const web = recordsOf(sandbox, 'container').find(({ name }) => name === 'web')
    expect(linesOf({ do: 'link.down', netns: 'web', link: 'eth0' })).toEqual([
      `nsenter -t ${web?.pid} -n ip link set dev eth0 down`,
    ])
    expect(linesOf({ do: 'sysctl.set', netns: 'ns1', key: 'ip_forward', value: 1 })).toEqual([
      'ip netns exec ns1 sysctl -w net.ipv4.ip_forward=1',
    ])
  })

  it('want the name of what is not ours typed, but in a sandbox', () => {
    const command: Command = { do: 'link.down', netns: 'root', link: 'docker0' }
    expect(planOf(command, machine).confirm).toBe('docker0')
    expect(planOf(command, sandbox).confirm).toBeUndefined()
    expect(planOf({ do: 'container.stop', container: 'web' }, machine).confirm).toBe('web')
    expect(planOf({ do: 'bridge.create', netns: 'root', name: 'br9' }, machine).confirm).toBeUndefined()
  })

  it('say what nothing undoes', () => {
    for (const name of ['container.remove', 'container.restart'] as const) {
      const plan = planOf({ do: name, container: 'web' })
      expect(plan.final, name).toBe(true)
      expect(plan.lost.length, name).toBeGreaterThan(0)
    }
    expect(planOf({ do: 'link.delete', netns: 'root', link: 'docker0' }).final).toBeUndefined()
  })

  it('are the same for the same input, and leave the snapshot alone', () => {
    const before = JSON.stringify(sandbox)
    const command: Command = { do: 'link.delete', netns: 'root', link: 'docker0' }
    expect(planOf(command)).toEqual(planOf(command))
    expect(JSON.stringify(sandbox)).toBe(before)
  })
})

describe('words', () => {
  it.each(['en', 'zh-CN'] as const)('of %s have the same parameters as the others', (language) => {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
    for (const code of PHRASES)
      expect(names(WORDS[language].phrases[code]), code).toEqual(names(WORDS.en.phrases[code]))
    for (const code of REFUSALS)
      expect(names(WORDS[language].refusals[code]), code).toEqual(names(WORDS.en.refusals[code]))
    for (const code of REASONS)
      expect(names(WORDS[language].reasons[code]), code).toEqual(names(WORDS.en.reasons[code]))
  })
  it('show nothing that hides', () => {
    expect(say({ code: 'link.up', params: { link: 'a\u202eb' } })).not.toContain('\u202e')
  })
})

describe('containers', () => {
  const container = { do: 'container.create', name: 'one', image: 'busybox' } as const
  it.each([
    ['privileged', true],
    ['volumes', ['/:/host']],
    ['mounts', [{ type: 'bind', source: '/', target: '/host' }]],
    ['devices', ['/dev/kmsg']],
    ['capAdd', ['SYS_ADMIN']],
    ['securityOpt', ['apparmor=unconfined']],
    ['pid', 'host'],
    ['userns', 'host'],
    ['env', ['A=b']],
    ['labels', { hopscope: 'made' }],
  ])('get no %s: there is no such input', (key, value) => {
    expect(commandSchema.safeParse({ ...container, [key]: value }).success).toBe(false)
  })
  it('are made with these options alone, whatever is put in', () => {
    const full = planOf({
      ...{ ...container, network: 'bridge', hostname: 'h', mac: '02:00:00:00:00:07', publish: ['8099:80'] },
      ...{ publishAll: true, links: ['web'], dns: ['10.0.0.53'], dnsSearch: ['example.org'] },
      ...{ extraHosts: ['a:10.0.0.1'], restart: 'always', command: ['--privileged', '-v', '/:/host'] },
    })
    const [argv = []] = full.steps.map(({ act }) => ('argv' in act ? act.argv : []))
    const options = argv.slice(0, argv.indexOf('busybox')).filter((word) => word.startsWith('-'))
    const known =
      '--detach --pull --label --name --mac-address --hostname --publish --publish-all --link --dns --dns-search --add-host --restart'
    expect([...new Set(options)].sort()).toEqual(known.split(' ').sort())
  })
})

describe('on a host with Docker', () => {
  const images = [
    { name: 'busybox:latest', imageId: `sha256:${'1'.repeat(64)}` },
    { name: 'example.org:5000/shop:2', imageId: `sha256:${'2'.repeat(64)}` },
  ]
  const engine = { id: 'engine', version: '', apiVersion: '', rootDir: '', swarm: 'active', images } as const
  const host = {
    host: { ...sandbox.host, lacks: ['ipvlan', 'dummy'] },
    records: { ...sandbox.records, dockerEngine: { engine } },
  }
  const codeOf = (command: unknown) => {
    const planned = planCommand(commandSchema.parse(command), host)
    return 'refused' in planned ? planned.refused.code : 'planned'
  }
  it.each([
    ['busybox', 'planned'],
    ['busybox:latest', 'planned'],
    ['1'.repeat(12), 'planned'],
    ['example.org:5000/shop:2', 'planned'],
    ['busybox:2', 'IMAGE_MISSING'],
    ['example.org:5000/shop', 'IMAGE_MISSING'],
    ['nginx', 'IMAGE_MISSING'],
  ])('the image %s is %s', (image, code) => {
    expect(codeOf({ do: 'container.create', name: 'one', image })).toBe(code)
  })
  it.each([
    [{ do: 'network.create', name: 'net', driver: 'ipvlan', parent: 'ens33' }, 'KIND_LACKING'],
    [{ do: 'dummy.create', netns: 'root', name: 'd0' }, 'KIND_LACKING'],
    [{ do: 'network.create', name: 'net', driver: 'macvlan' }, 'PARENT_NEEDED'],
    [{ do: 'network.create', name: 'net', subnet: '10.9.0.0/24', gateway: '10.8.0.1' }, 'OUTSIDE_SUBNET'],
    [{ do: 'network.create', name: 'net', subnet6: 'fd00:9::/64', gateway6: 'fd00:8::1' }, 'OUTSIDE_SUBNET'],
    [{ do: 'network.create', name: 'net', gateway6: 'fd00:8::1' }, 'SUBNET_NEEDED'],
    [{ do: 'container.create', name: 'one', image: 'busybox', links: ['nobody'] }, 'CONTAINER_MISSING'],
    [{ do: 'container.create', name: 'one', image: 'busybox', publish: ['81:80', '81:82'] }, 'PORT_TAKEN'],
    [{ do: 'container.create', name: 'one', image: 'busybox', publish: ['81-82:80-82'] }, 'PUBLISH_UNFIT'],
  ])('%j is refused with %s', (command, code) => expect(codeOf(command)).toBe(code))
  it('networks have IPv6 beside IPv4, and labels but ours', () => {
    const command = {
      do: 'network.create',
      name: 'six',
      subnet: '10.9.0.0/24',
      subnet6: 'fd00:9::/64',
      labels: ['a=b c'],
    }
    expect(linesOf(commandSchema.parse(command), host)[0]).toMatch(
      /--subnet 10\.9\.0\.0\/24 --subnet fd00:9::\/64 --ipv6 --label 'a=b c' six$/,
    )
    for (const label of ['hopscope=made', 'hopscope', '-x', 'a=\u202e', 'a=\n']) {
      expect(commandSchema.safeParse({ do: 'network.create', name: 'six', labels: [label] }).success, label).toBe(false)
    }
  })
})

describe('hostile words', () => {
  const HOSTILE = [
    '-x',
    '--help',
    '-batch',
    '$(reboot)',
    '`reboot`',
    'a;reboot',
    'a|b',
    'a&&b',
    'a\nb',
    'a\0b',
    '\u202etxt',
    'a b',
    '../x',
    "'",
    '"',
    '\\',
    '*',
    '~',
    '#',
    '%s',
    '{{.}}',
    'name:x',
    'x'.repeat(10_000),
    '',
    ' ',
    '\u0007',
    '-n\u0000',
    '0',
    '__proto__',
    'constructor',
    '/etc/passwd',
    'netns',
    'dev',
    'root;id',
  ]
  const SAMPLE: Record<string, unknown> = {
    netns: 'root',
    link: 'docker0',
    bridge: 'docker0',
    to: 'ns1',
    name: 'fresh',
    parent: 'ens33',
    mac: '02:00:00:00:00:01',
    address: '10.9.0.1',
    dst: '10.9.0.0/24',
    via: '172.17.0.1',
    network: 'bridge',
    container: 'web',
    image: 'busybox',
    subnet: '10.9.0.0/24',
    gateway: '10.9.0.1',
    ipRange: '10.9.0.0/25',
    hostname: 'h',
    local: '10.0.0.1',
    remote: '10.0.0.2',
    mtu: 1400,
    vni: 7,
    value: 1,
    on: true,
    key: 'ip_forward',
    peer: { netns: 'root', name: 'other' },
  }

  it('in any field are refused, or stay one word that is no option', () => {
    let refused = 0
    let planned = 0
    for (const schema of commandSchema.options) {
      for (const field of Object.keys(schema.shape).filter((key) => key !== 'do')) {
        for (const word of HOSTILE) {
          const needed = Object.fromEntries(
            Object.entries(schema.shape).flatMap(([key, type]) =>
              key === 'do' || type.safeParse(undefined).success ? [] : [[key, SAMPLE[key]]],
            ),
          )
          for (const value of [word, [word], { netns: word, name: word }]) {
            const parsed = commandSchema.safeParse({ ...needed, do: schema.shape.do.value, [field]: value })
            const plan = parsed.success ? planCommand(parsed.data, sandbox) : undefined
            if (plan === undefined || 'refused' in plan) {
              refused++
              continue
            }
            planned++
            const words = plan.plan.steps.flatMap(({ act }) => ('argv' in act ? act.argv : []))
            // What a container runs is its own matter, and stands behind the image.
            if (field === 'command') continue
            expect(
              words.filter((one) => one === word && (one.startsWith('-') || visible(one) !== one)),
              `${schema.shape.do.value} ${field}`,
            ).toEqual([])
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(3_000)
    console.log(
      `hostile words: ${refused} refused, ${planned} taken as plain text, over ${COMMAND_NAMES.length} commands`,
    )
  })
})
