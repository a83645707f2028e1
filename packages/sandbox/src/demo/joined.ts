import type { SandboxHost } from '../host.ts'
import type { Sandbox } from '../sandbox.ts'
import { ensureContainer, ensureNetwork } from './ensure.ts'

/** `lan`: a macvlan network on the joining NIC, with one container on each host (`lan-1`, `lan-2`). */
export async function joinLan(sandbox: Sandbox): Promise<void> {
  const { gateway } = sandbox.fabric
  const subnet = gateway.replace(/\.\d+$/, '.0/24')
  await Promise.all(
    sandbox.hosts.map(async (host, index) => {
      const { range, address } = lanRange(host, index)
      const options = [
        '-d',
        'macvlan',
        '--subnet',
        subnet,
        '--gateway',
        gateway,
        '--ip-range',
        range,
        '-o',
        `parent=${host.nic}`,
      ]
      await ensureNetwork(host, 'lan', options)
      await ensureContainer(host, `lan-${index + 1}`, { options: ['--network', 'lan', '--ip', address] })
    }),
  )
}

/** `mesh`: an overlay network of a swarm of all hosts, with one container on each (`mesh-1`, `mesh-2`). */
export async function joinMesh(sandbox: Sandbox): Promise<void> {
  const [manager, ...workers] = sandbox.hosts
  if (manager === undefined) return
  const own = (host: SandboxHost) => ['--advertise-addr', host.address, '--listen-addr', `${host.address}:2377`]
  if (!(await inSwarm(manager))) await manager.docker('swarm', 'init', ...own(manager))
  const token = await manager.docker('swarm', 'join-token', '-q', 'worker')
  for (const host of workers) {
    if (!(await inSwarm(host)))
      await host.docker('swarm', 'join', '--token', token, ...own(host), `${manager.address}:2377`)
  }
  await ensureNetwork(manager, 'mesh', ['-d', 'overlay', '--attachable', '--subnet', '10.40.0.0/24'])
  // A worker learns of the network only when its first container asks for it.
  await Promise.all(
    sandbox.hosts.map((host, index) => ensureContainer(host, `mesh-${index + 1}`, { options: ['--network', 'mesh'] })),
  )
}

async function inSwarm(host: SandboxHost): Promise<boolean> {
  return (await host.docker('info', '--format', '{{.Swarm.LocalNodeState}}')) === 'active'
}

/** The address of this host's macvlan container; each host hands out 16 addresses of its own, as Docker cannot agree. */
function lanRange(host: SandboxHost, index: number): { range: string; address: string } {
  const prefix = host.address.split('.').slice(0, 3).join('.')
  const first = 64 + 16 * index
  return { range: `${prefix}.${first}/28`, address: `${prefix}.${first + 2}` }
}
