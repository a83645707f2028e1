import type { Container } from '@hopscope/model'
import { processesNamed } from './processes.ts'

/** A docker-proxy: it accepts at a host port and speaks to the container by itself. */
export type Proxy = {
  pid: number
  protocol: string
  hostIp: string
  hostPort: number
  containerIp: string
  containerPort: number
}

/** All docker-proxy processes of a host, also those of other engines. Same as `pgrep -a docker-proxy`. */
export function readProxies(root: string): Proxy[] {
  return processesNamed(root, 'docker-proxy').flatMap(({ pid, argv }) => parseProxy(pid, argv) ?? [])
}

/** The container with the pid of each port's proxy; `isOurs` tells a proxy of this host from one of a sandbox. */
export function withProxies(
  container: Container,
  proxies: readonly Proxy[],
  isOurs: (pid: number) => boolean,
): Container {
  const own = new Set(container.attachments.flatMap(({ ip, ip6 }) => [ip, ip6]))
  const ports = container.ports.map(({ proxyPid: _old, ...port }) => {
    const proxy = proxies.find(
      (p) =>
        p.protocol === port.protocol &&
        p.hostPort === port.hostPort &&
        p.hostIp === port.hostIp &&
        p.containerPort === port.containerPort &&
        own.has(p.containerIp) &&
        isOurs(p.pid),
    )
    return proxy ? { ...port, proxyPid: proxy.pid } : port
  })
  return { ...container, ports }
}

/** Undefined for a process that is no proxy of ours: `docker-proxy -version`, or one whose arguments we do not know. */
export function parseProxy(pid: number, argv: readonly string[]): Proxy | undefined {
  const value = (name: string): string => argv[argv.indexOf(`-${name}`, 1) + 1] ?? ''
  const proxy = {
    pid,
    protocol: value('proto'),
    hostIp: value('host-ip'),
    hostPort: Number(value('host-port')),
    containerIp: value('container-ip'),
    containerPort: Number(value('container-port')),
  }
  const known = ['-proto', '-host-ip', '-host-port', '-container-ip', '-container-port'].every((f) => argv.includes(f))
  return known && Number.isInteger(proxy.hostPort) && Number.isInteger(proxy.containerPort) ? proxy : undefined
}
