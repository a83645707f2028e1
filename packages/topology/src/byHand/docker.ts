import type { Container, DockerNetwork, HostSnapshot } from '@hopscope/model'
import type { ByHand } from './fact.ts'
import { inNamespace } from './namespace.ts'
import { quote } from './quote.ts'

/** What Docker tells, and what a container's own files and namespace say. */
export function dockerFacts(
  s: HostSnapshot,
  kind: 'container' | 'dockerNetwork' | 'dockerEngine',
  id: string,
): ByHand[] {
  if (kind === 'dockerEngine') {
    if (!s.records.dockerEngine[id]) return []
    return [
      { fact: 'engine', command: 'docker info' },
      { fact: 'version', command: 'docker version' },
    ]
  }
  const container = kind === 'container' ? s.records.container[id] : undefined
  if (container) return containerFacts(s, container)
  const network = kind === 'dockerNetwork' ? s.records.dockerNetwork[id] : undefined
  return network ? networkFacts(network) : []
}

function containerFacts(s: HostSnapshot, c: Container): ByHand[] {
  const name = quote(c.name)
  const facts = [
    { fact: 'container', command: `docker inspect ${name}` },
    { fact: 'ports', command: `docker port ${name}` },
  ]
  if (c.state !== 'running') return facts
  facts.push({ fact: 'processes', command: `docker top ${name}` })
  facts.push({ fact: 'hosts', command: `docker exec ${name} cat /etc/hosts` })
  facts.push({ fact: 'dns', command: `docker exec ${name} cat /etc/resolv.conf` })
  if (c.netns === undefined) return facts
  const run = inNamespace(s, c.netns)
  facts.push({ fact: 'addresses', command: run.ip('addr show') }, { fact: 'routes', command: run.ip('route show') })
  if (c.pid !== undefined) facts.push({ fact: 'inode', command: `readlink /proc/${c.pid}/ns/net` })
  return facts
}

function networkFacts(n: DockerNetwork): ByHand[] {
  const name = quote(n.name)
  const facts = [
    { fact: 'dockerNetwork', command: `docker network inspect ${name}` },
    { fact: 'members', command: `docker ps --filter ${quote(`network=${n.name}`)}` },
  ]
  if (n.bridge !== undefined) facts.push({ fact: 'bridge', command: `brctl show ${quote(n.bridge)}` })
  if (n.parent !== undefined) facts.push({ fact: 'parent', command: `ip -d link show dev ${quote(n.parent)}` })
  return facts
}
