import { type FwRule, fwChainId, fwRuleId, fwTableId, type HostSnapshot, recordsOf } from '@hopscope/model'
import { type Command, commandSchema } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { lineOf, type Plan, type Publication, planCommand, repairPorts } from '../index.ts'
import { isSameRule, wordsOf } from './ruleWords.ts'

const host = generateHost({ containers: 12, sandbox: 'demo' })
const web = recordsOf(host, 'container').find(({ name }) => name === 'web')
if (web === undefined) throw new Error('a generated host has a container "web"')
const ADD: Extract<Command, { do: 'rule.add' }> = {
  ...{ do: 'rule.add', netns: 'root', chain: 'INPUT', action: 'drop', family: 'inet' },
}

/** The host with lines of iptables-save of one back end; those that begin with "-A" are rules. */
function withRules(
  engine: FwRule['engine'],
  table: string,
  lines: readonly string[],
  base: HostSnapshot = host,
): HostSnapshot {
  const key = { netns: base.host.rootNetns, engine, family: 'ip', table }
  const records = {
    ...base.records,
    fwTable: { ...base.records.fwTable },
    fwChain: { ...base.records.fwChain },
    fwRule: { ...base.records.fwRule },
  }
  records.fwTable[fwTableId(key)] = { id: fwTableId(key), ...key, dialect: 'iptables', flags: [] }
  for (const text of lines) {
    const chain = text.split(' ')[1] ?? ''
    const all = Object.values(records.fwRule).filter(
      (one) => one.engine === engine && one.table === table && one.chain === chain,
    )
    const handle = 1_000 + all.length
    const [, target] = /-j (\S+)/.exec(text) ?? []
    const [, comment] = /--comment "([^"]*)"/.exec(text) ?? []
    records.fwChain[fwChainId({ ...key, chain })] = { id: fwChainId({ ...key, chain }), ...key, chain }
    const id = fwRuleId({ ...key, chain, handle })
    records.fwRule[id] = {
      id,
      ...key,
      chain,
      handle,
      position: all.length + 1,
      text,
      ...(target && { target }),
      ...(comment && { comment }),
    }
  }
  return { ...base, records }
}

function planOf(command: Command, snapshot: HostSnapshot): Plan | string {
  const planned = planCommand(commandSchema.parse(command), snapshot)
  return 'refused' in planned ? planned.refused.code : planned.plan
}
const linesOf = (command: Command, snapshot: HostSnapshot = host): string[] => {
  const plan = planOf(command, snapshot)
  return typeof plan === 'string' ? [plan] : plan.steps.map(({ act }) => lineOf(snapshot, act))
}
const without = (kinds: readonly ('fwTable' | 'fwChain' | 'fwRule')[], base = host): HostSnapshot => ({
  ...base,
  records: { ...base.records, ...Object.fromEntries(kinds.map((kind) => [kind, {}])) },
})
const bare = without(['fwTable', 'fwChain', 'fwRule'])

describe('rules of our own', () => {
  it('are for the back end that is used, by its plain name where that is the right one', () => {
    expect(linesOf(ADD)[0]).toBe('iptables -N HOPSCOPE-INPUT')
    expect(linesOf(ADD, bare)[0]).toBe('iptables -N HOPSCOPE-INPUT')
    const legacy = withRules('legacy', 'filter', ['-A INPUT -i lo -j ACCEPT'], bare)
    expect(linesOf(ADD, legacy)[0]).toBe('iptables-legacy -w 5 -N HOPSCOPE-INPUT')
    expect(linesOf({ ...ADD, family: 'inet6' }, legacy)[0]).toBe('ip6tables-legacy -w 5 -N HOPSCOPE-INPUT')
    const other = { ...legacy, host: { ...host.host, iptables: 'legacy' as const } }
    expect(linesOf(ADD, other)[0]).toBe('iptables -w 5 -N HOPSCOPE-INPUT')
    expect(linesOf(ADD, { ...host, host: other.host })[0]).toBe('iptables-nft -N HOPSCOPE-INPUT')
    const { iptables: _, ...none } = host.host
    expect(planOf(ADD, { ...host, host: none })).toBe('IPTABLES_MISSING')
  })
  it('stay in the back end of Docker, and of those that are there, whoever else has rules', () => {
    const both = withRules('legacy', 'filter', ['-A INPUT -i lo -j ACCEPT'])
    expect(linesOf(ADD, both)[0]).toBe('iptables -N HOPSCOPE-INPUT')
    const ours = withRules(
      'legacy',
      'filter',
      ['-A HOPSCOPE-OUTPUT -p udp -j DROP'],
      withRules('nft', 'filter', ['-A INPUT -j ACCEPT'], bare),
    )
    expect(linesOf(ADD, ours)[0]).toBe('iptables-legacy -w 5 -N HOPSCOPE-INPUT')
  })
  it('come behind what the administrator wrote in DOCKER-USER, and before what Docker keeps apart', () => {
    const forward: Command = { ...ADD, chain: 'FORWARD', action: 'accept' }
    expect(linesOf(forward)[1]).toBe('iptables -I DOCKER-USER 1 -j HOPSCOPE-FORWARD')
    const own = ['-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -s 10.0.0.0/8 -j DROP', '-A DOCKER-USER -j RETURN']
    expect(linesOf(forward, withRules('nft', 'filter', own, bare))[1]).toBe(
      'iptables -I DOCKER-USER 2 -j HOPSCOPE-FORWARD',
    )
    expect(linesOf(forward, withRules('nft', 'filter', own.slice(0, 2), bare))[1]).toBe(
      'iptables -A DOCKER-USER -j HOPSCOPE-FORWARD',
    )
    // A chain that nothing leads to any more is no way.
    expect(linesOf(forward, withRules('nft', 'filter', own.slice(1), bare))[1]).toBe(
      'iptables -I FORWARD 1 -j HOPSCOPE-FORWARD',
    )
  })
  it('say what they match as iptables-save does', () => {
    const all: Command = {
      ...{
        ...ADD,
        chain: 'FORWARD',
        src: '10.0.0.7/8',
        dst: '0.0.0.0/0',
        protocol: 'udp',
        sport: '53',
        dport: '1-9',
        state: ['NEW'],
      },
    }
    expect(linesOf(all).at(-1)).toBe(
      'iptables -A HOPSCOPE-FORWARD -s 10.0.0.0/8 -p udp -m udp --sport 53 --dport 1:9 -m conntrack --ctstate NEW -j DROP',
    )
    const dnat: Command = {
      ...ADD,
      chain: 'OUTPUT',
      action: 'dnat',
      family: 'inet6',
      protocol: 'tcp',
      toAddress: '[fd00::1]:80',
    }
    expect(linesOf(dnat).at(-1)).toBe(
      "ip6tables -t nat -A HOPSCOPE-OUTPUT -p tcp -j DNAT --to-destination '[fd00::1]:80'",
    )
    expect(linesOf({ ...ADD, protocol: 'icmp', family: 'inet6' }).at(-1)).toMatch(/-p ipv6-icmp -j DROP$/)
  })
  const snat: Command = { ...ADD, chain: 'POSTROUTING', action: 'snat' }
  const there = withRules('nft', 'filter', [
    '-A INPUT -j HOPSCOPE-INPUT',
    '-A HOPSCOPE-INPUT -p tcp -m tcp --dport 22 -j DROP',
  ])
  it.each<[string, Command, HostSnapshot?]>([
    ['CHAIN_WRONG', { ...ADD, action: 'masquerade' }],
    ['MATCH_NOT_HERE', { ...ADD, out: 'lo' }],
    ['LINK_MISSING', { ...ADD, in: 'none0' }],
    ['NETNS_MISSING', { ...ADD, netns: 'nowhere' }],
    ['PORTS_NEED_PROTOCOL', { ...ADD, dport: '80' }],
    ['PORTS_NEED_PROTOCOL', { ...snat, toAddress: '10.0.0.1:80' }],
    ['TARGET_NEEDED', snat],
    ['TARGET_USELESS', { ...ADD, toAddress: '10.0.0.1' }],
    ['FAMILY_WRONG', { ...ADD, src: 'fd00::/64' }],
    ['FAMILY_WRONG', { ...ADD, family: 'inet6', src: '10.0.0.0/8' }],
    ['RULE_TAKEN', { ...ADD, protocol: 'tcp', dport: '22' }, there],
    ['POSITION_TOO_FAR', { ...ADD, position: 3 }, there],
  ])('%s', (code, command, snapshot = host) => expect(planOf(command, snapshot)).toBe(code))

  it('are deleted by their text when another one has their place, and go with their chain', () => {
    const [rule] = recordsOf(there, 'fwRule').filter(({ chain }) => chain === 'HOPSCOPE-INPUT')
    if (!rule) throw new Error('it was made above')
    const lines = [
      'iptables -D HOPSCOPE-INPUT -p tcp -m tcp --dport 22 -j DROP',
      'iptables -D INPUT -j HOPSCOPE-INPUT',
      'iptables -X HOPSCOPE-INPUT',
    ]
    expect(linesOf({ do: 'rule.delete', rule: rule.id }, there)).toEqual(lines)
    expect(linesOf({ do: 'rule.delete', rule: `${rule.id}9`, text: rule.text }, there)).toEqual(lines)
    expect(planOf({ do: 'rule.delete', rule: rule.id, text: 'another' }, there)).toBe('RULE_MISSING')
    const [foreign] = recordsOf(host, 'fwRule')
    expect(planOf({ do: 'rule.delete', rule: foreign?.id ?? '' }, host)).toBe('RULE_FOREIGN')
  })
  it('are the same in whatever order and form they are said', () => {
    const said = wordsOf(
      '-A X -s 10.0.0.1/32 -p tcp -m conntrack --ctstate NEW,DNAT -m comment --comment "a \\"b\\"" -j REJECT --reject-with icmp-port-unreachable',
    )
    const same = [
      '-p',
      'tcp',
      '-s',
      '10.0.0.1',
      '-m',
      'comment',
      '--comment',
      'a "b"',
      '--ctstate',
      'DNAT,NEW',
      '-j',
      'REJECT',
    ]
    expect(isSameRule(said, same)).toBe(true)
    expect(isSameRule(['!', '-d', '10.0.0.1', '-j', 'DROP'], ['-d', '10.0.0.1', '-j', 'DROP'])).toBe(false)
  })
})

describe('ports published by rules', () => {
  const publish = (text: string, snapshot = host) =>
    linesOf({ do: 'port.publish', container: 'web', publish: text, by: 'rules' }, snapshot)
  const address = recordsOf(host, 'address').find(
    ({ netns, local }) => netns === host.host.rootNetns && /^192\./.test(local),
  )?.local

  it('lead in from outside, from the host and back to where they came from, and are kept', () => {
    const lines = publish('8099:99')
    expect(
      lines.filter((line) => !/ -[NI] /.test(line)).map((line) => line.replace(/ -m comment --comment \S+/, '')),
    ).toEqual([
      expect.stringMatching(/^bridge link set dev veth\w+ hairpin on$/),
      'iptables -A HOPSCOPE-FORWARD -d 172.17.0.2/32 -p tcp -m tcp --dport 99 -m conntrack --ctstate DNAT -j ACCEPT',
      'iptables -A HOPSCOPE-FORWARD -s 172.17.0.2/32 -p tcp -m tcp --sport 99 -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT',
      'iptables -t nat -A HOPSCOPE-POSTROUTING -s 172.17.0.0/16 -d 172.17.0.2/32 -p tcp -m tcp --dport 99 -m conntrack --ctstate DNAT -j MASQUERADE',
      "iptables -t nat -A HOPSCOPE-OUTPUT '!' -d 127.0.0.0/8 -p tcp -m tcp --dport 8099 -m addrtype --dst-type LOCAL -j DNAT --to-destination 172.17.0.2:99",
      'iptables -t nat -A HOPSCOPE-PREROUTING -p tcp -m tcp --dport 8099 -m addrtype --dst-type LOCAL -j DNAT --to-destination 172.17.0.2:99',
      '# Hopscope keeps hopscope:web:8099->99/tcp and puts it back when its rules get lost',
    ])
  })
  it.each([
    ['9000-9002:9000-9002/udp', '--dport 9000:9002 .* --to-destination 172.17.0.2$'],
    ['9000-9002:80-82', '--dport 9000:9002 .* --to-destination 172.17.0.2:80-82/9000$'],
    ['99', '--dport 49153 .*:49153->99/tcp'],
    [`${address}::99`, `-d ${address}/32 -p tcp -m tcp --dport 49153 `],
    ['8080-8099:99', '--dport 8081 '],
  ])('%s', (form, rule) => expect(publish(form).at(-2)).toMatch(new RegExp(rule)))

  it.each([
    ['PORT_TAKEN', '8080:99'],
    ['PUBLISH_UNFIT', '8000-8001:80-82'],
    ['PUBLISH_UNFIT', '70000:80'],
    ['LOOPBACK_BY_RULES', '127.0.0.1:8099:99'],
    ['LOOPBACK_BY_RULES', '[::1]:8099:99'],
    ['ADDRESS_ELSEWHERE', '10.99.99.99:8099:99'],
    ['NOT_ON_BRIDGE', '[::]:8099:99'],
    ['SCTP_BY_RULES', '8099:99/sctp'],
  ])('%s: %s', (code, form) => expect(publish(form)).toEqual([code]))
  it('need a container that runs with a network of its own, and a host that forwards', () => {
    const over = (change: object) => ({
      ...host,
      records: { ...host.records, container: { [web.id]: { ...web, ...change } } },
    })
    expect(publish('8099:99', over({ networkMode: 'host' }))).toEqual(['PORTS_USELESS'])
    expect(publish('8099:99', over({ netns: undefined, state: 'exited' }))).toEqual(['CONTAINER_STOPPED'])
    const [switches] = recordsOf(host, 'sysctl').filter(({ netns }) => netns === host.host.rootNetns)
    if (!switches) throw new Error('a generated host has switches')
    const off = { ...host, records: { ...host.records, sysctl: { [switches.id]: { ...switches, ipForward: false } } } }
    expect(publish('8099:99', off)).toEqual(['FORWARDING_OFF'])
  })

  const kept: Publication = {
    container: 'web',
    containerId: web.containerId,
    hostIp: '',
    protocol: 'tcp',
    from: 8099,
    to: 99,
    count: 1,
  }
  const repairs = (snapshot: HostSnapshot, ...all: Publication[]) => {
    const found = repairPorts(snapshot, all)
    if ('refused' in found) throw new Error(found.refused.code)
    return { ...found, lines: found.acts.map((act) => lineOf(snapshot, act)) }
  }
  /** What the host has once the port is published. */
  const published = (port = '8099:99'): HostSnapshot => {
    let snapshot = host
    for (const line of publish(port)) {
      const [, table = 'filter', text] = /^iptables (?:-t (\w+) )?(-[AI] .*)$/.exec(line) ?? []
      if (text === undefined) continue
      const rule = text
        .replace(/^-I (\S+) \d+/, '-A $1')
        .replace(/'!'/, '!')
        .replace(/comment '([^']*)'/, 'comment "$1"')
      snapshot = withRules('nft', table, [rule], snapshot)
    }
    const links = recordsOf(snapshot, 'link').map((link) => [
      link.id,
      link.port ? { ...link, port: { ...link.port, hairpin: true } } : link,
    ])
    return { ...snapshot, records: { ...snapshot.records, link: Object.fromEntries(links) } }
  }
  it('are put back with all that they need, and left alone while all of it is there', () => {
    const lost = repairs(host, kept)
    for (const line of publish('8099:99').slice(0, -1)) expect(lost.lines).toContain(line)
    expect(repairs(published(), kept).lines).toEqual([])
    expect(repairs(published()).lines).toEqual([])
  })
  it('follow the container: another address, another name, no address, no container', () => {
    const now = published()
    const over = (change: object) => ({
      ...now,
      records: { ...now.records, container: { [web.id]: { ...web, ...change } } },
    })
    const [at] = web.attachments
    const moved = repairs(over({ attachments: [{ ...at, ip: '172.17.0.99' }] }), kept)
    expect(moved.lines.filter((line) => / -D .*172\.17\.0\.2[:/]/.test(line)).length).toBe(5)
    expect(moved.lines.filter((line) => / -A .*172\.17\.0\.99/.test(line)).length).toBe(5)
    const renamed = repairs(over({ name: 'www' }), kept)
    expect(renamed.renamed).toEqual([{ ...kept, container: 'www' }])
    expect(renamed.lines.filter((line) => / -A .*hopscope:www:/.test(line)).length).toBe(5)
    const stopped = repairs(over({ netns: undefined, state: 'exited' }), kept)
    expect(stopped.lines.some((line) => / -A /.test(line))).toBe(false)
    const gone = repairs({ ...now, records: { ...now.records, container: {} } }, kept)
    expect(gone.gone).toEqual([kept])
    expect(gone.lines.filter((line) => /--comment/.test(line)).length).toBe(5)
  })
  it('wait while Docker is away, and while somebody else has their port', () => {
    const away = { ...host, records: { ...host.records, dockerEngine: {}, container: {} } }
    expect(repairs(away, kept)).toMatchObject({ acts: [], gone: [] })
    const taken = {
      ...kept,
      containerId: recordsOf(host, 'container').find(({ name }) => name !== 'web')?.containerId ?? '',
      from: 8080,
    }
    expect(repairs(host, taken).taken).toEqual([{ port: taken, by: 'web' }])
    expect(repairs(host, kept, { ...taken, from: 8099 }).taken.length).toBe(1)
  })
})
