import type { SandboxHost } from '../host.ts'

/**
 * What people make by hand: two namespaces on one wire, cut off from the host (`blue` – `green`), and two segments with
 * a router between them (`left` – `seg1` – `router` – `seg2` – `right`), the segments being bridges of the host.
 */
export async function fillNamespaces(host: SandboxHost): Promise<void> {
  const existing = (await host.run(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0])
  const missing = ['blue', 'green', 'left', 'router', 'right'].filter((name) => !existing.includes(name))
  // One that was cut short is made anew: a namespace takes its links with it.
  if (missing.some((name) => ['blue', 'green'].includes(name))) await joinPair(host)
  if (missing.some((name) => ['left', 'router', 'right'].includes(name))) await joinSegments(host)
}

async function joinPair(host: SandboxHost): Promise<void> {
  await addNamespaces(host, ['blue', 'green'])
  await host.run([
    'ip',
    'link',
    'add',
    'to-green',
    'netns',
    'blue',
    'type',
    'veth',
    'peer',
    'name',
    'to-blue',
    'netns',
    'green',
  ])
  await configure(host, 'blue', ['address add 10.1.1.1/24 dev to-green', 'link set to-green up'])
  await configure(host, 'green', ['address add 10.1.1.2/24 dev to-blue', 'link set to-blue up'])
}

async function joinSegments(host: SandboxHost): Promise<void> {
  await addNamespaces(host, ['left', 'router', 'right'])
  for (const segment of ['seg1', 'seg2']) {
    await host.exec(['ip', 'link', 'delete', segment])
    await host.run(['ip', 'link', 'add', segment, 'up', 'type', 'bridge'])
  }
  await plug(host, { segment: 'seg1', port: 'port-left', namespace: 'left', nic: 'eth0' })
  await plug(host, { segment: 'seg1', port: 'port-router1', namespace: 'router', nic: 'eth1' })
  await plug(host, { segment: 'seg2', port: 'port-router2', namespace: 'router', nic: 'eth2' })
  await plug(host, { segment: 'seg2', port: 'port-right', namespace: 'right', nic: 'eth0' })
  await configure(host, 'left', [
    'address add 10.10.1.10/24 dev eth0',
    'link set eth0 up',
    'route add default via 10.10.1.1',
  ])
  await configure(host, 'right', [
    'address add 10.10.2.10/24 dev eth0',
    'link set eth0 up',
    'route add default via 10.10.2.1',
  ])
  await configure(host, 'router', [
    'address add 10.10.1.1/24 dev eth1',
    'address add 10.10.2.1/24 dev eth2',
    'link set eth1 up',
    'link set eth2 up',
  ])
  await host.run(['ip', 'netns', 'exec', 'router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
}

async function addNamespaces(host: SandboxHost, names: string[]): Promise<void> {
  for (const name of names) {
    await host.exec(['ip', 'netns', 'delete', name])
    await host.run(['ip', 'netns', 'add', name])
    await host.run(['ip', '-netns', name, 'link', 'set', 'lo', 'up'])
  }
}

async function plug(
  host: SandboxHost,
  wire: { segment: string; port: string; namespace: string; nic: string },
): Promise<void> {
  const { segment, port, namespace, nic } = wire
  await host.run(['ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', nic, 'netns', namespace])
  await host.run(['ip', 'link', 'set', port, 'master', segment, 'up'])
}

async function configure(host: SandboxHost, namespace: string, lines: string[]): Promise<void> {
  await host.run(['ip', '-netns', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}
