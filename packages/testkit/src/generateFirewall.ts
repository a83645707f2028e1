import { fwChainId, fwRuleId, fwTableId } from '@hopscope/model'
import type { HostWriter } from './generateWriter.ts'

const BASE = {
  nat: [
    ['PREROUTING', 'prerouting', -100],
    ['INPUT', 'input', 100],
    ['OUTPUT', 'output', -100],
    ['POSTROUTING', 'postrouting', 100],
    ['DOCKER'],
  ],
  filter: [
    ['INPUT', 'input', 0],
    ['FORWARD', 'forward', 0],
    ['OUTPUT', 'output', 0],
    ['DOCKER'],
    ['DOCKER-ISOLATION-STAGE-1'],
    ['DOCKER-ISOLATION-STAGE-2'],
    ['DOCKER-USER'],
  ],
} as const

export type DockerBridge = { name: string; subnet: string; internal: boolean }
export type DockerPublish = { bridge: string; ip: string; containerPort: number; hostPort: number; protocol: string }

/** The tables, chains and rules that Docker writes through iptables-nft, in its order. Same as `iptables-save`. */
export function addDockerFirewall(
  w: HostWriter,
  root: string,
  d: { bridges: DockerBridge[]; published: DockerPublish[] },
): void {
  for (const table of ['nat', 'filter'] as const) {
    const key = { netns: root, engine: 'nft' as const, family: 'ip', table }
    w.put('fwTable', { id: fwTableId(key), ...key, dialect: 'iptables', flags: [] })
    for (const [chain, hook, priority] of BASE[table]) {
      const policy = table === 'filter' && chain === 'FORWARD' ? 'drop' : 'accept'
      const base = hook === undefined ? {} : { type: table, hook, priority, policy }
      w.put('fwChain', { id: fwChainId({ ...key, chain }), ...key, chain, ...base })
    }
    putRules(w, root, table, table === 'nat' ? natRules(d) : filterRules(d))
  }
}

function putRules(w: HostWriter, root: string, table: string, texts: string[]): void {
  const positions = new Map<string, number>()
  texts.forEach((text, i) => {
    const chain = text.split(' ')[1] ?? ''
    const position = (positions.get(chain) ?? 0) + 1
    positions.set(chain, position)
    const key = { netns: root, engine: 'nft' as const, family: 'ip', table, chain, handle: 20 + i }
    const target = / -j (\S+)/.exec(text)?.[1]
    w.put('fwRule', { id: fwRuleId(key), ...key, position, text, ...(target === undefined ? {} : { target }) })
  })
}

function natRules(d: { bridges: DockerBridge[]; published: DockerPublish[] }): string[] {
  return [
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
    ...d.bridges.filter((b) => !b.internal).map((b) => `-A POSTROUTING -s ${b.subnet} ! -o ${b.name} -j MASQUERADE`),
    ...d.published.map(
      (p) =>
        `-A POSTROUTING -s ${p.ip}/32 -d ${p.ip}/32 -p ${p.protocol} -m ${p.protocol} --dport ${p.containerPort} -j MASQUERADE`,
    ),
    ...d.bridges.map((b) => `-A DOCKER -i ${b.name} -j RETURN`),
    ...d.published.map(
      (p) =>
        `-A DOCKER ! -i ${p.bridge} -p ${p.protocol} -m ${p.protocol} --dport ${p.hostPort} -j DNAT --to-destination ${p.ip}:${p.containerPort}`,
    ),
  ]
}

function filterRules(d: { bridges: DockerBridge[]; published: DockerPublish[] }): string[] {
  return [
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
    ...d.bridges.flatMap(({ name }) => [
      `-A FORWARD -o ${name} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A FORWARD -o ${name} -j DOCKER`,
      `-A FORWARD -i ${name} ! -o ${name} -j ACCEPT`,
      `-A FORWARD -i ${name} -o ${name} -j ACCEPT`,
    ]),
    ...d.published.map(
      (p) =>
        `-A DOCKER -d ${p.ip}/32 ! -i ${p.bridge} -o ${p.bridge} -p ${p.protocol} -m ${p.protocol} --dport ${p.containerPort} -j ACCEPT`,
    ),
    ...d.bridges.map((b) =>
      b.internal
        ? `-A DOCKER-ISOLATION-STAGE-1 ! -s ${b.subnet} -o ${b.name} -j DROP`
        : `-A DOCKER-ISOLATION-STAGE-1 -i ${b.name} ! -o ${b.name} -j DOCKER-ISOLATION-STAGE-2`,
    ),
    '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
    ...d.bridges.filter((b) => !b.internal).map((b) => `-A DOCKER-ISOLATION-STAGE-2 -o ${b.name} -j DROP`),
    '-A DOCKER-ISOLATION-STAGE-2 -j RETURN',
    '-A DOCKER-USER -j RETURN',
  ]
}
