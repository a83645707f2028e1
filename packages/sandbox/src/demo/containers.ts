import type { SandboxHost } from '../host.ts'
import { importBusybox } from '../image.ts'
import { ensureContainer, ensureNetwork } from './ensure.ts'

/** Every network mode and every form of published port, on one host. */
export async function fillContainers(host: SandboxHost): Promise<void> {
  await Promise.all([
    ensureNetwork(host, 'shop', ['--subnet', '10.20.0.0/24', '--gateway', '10.20.0.1']),
    ensureNetwork(host, 'vault', ['--internal', '--subnet', '10.30.0.0/24']),
    ensureExposingImage(host),
  ])
  await Promise.all([docker0(host), shop(host), vault(host), modes(host)])
  await connectApiToVault(host)
}

const serve = (port: number) => ['httpd', '-f', '-p', String(port), '-h', '/www']

/** docker0 has two containers: a server published in three forms, and a client that knows it by an old-style link. */
async function docker0(host: SandboxHost): Promise<void> {
  const ports = ['8080:80', `${host.address}:8081:80`, '127.0.0.1::80']
  await ensureContainer(host, 'web', { options: ports.flatMap((port) => ['-p', port]), program: serve(80) })
  await ensureContainer(host, 'client', { options: ['--link', 'web:www'] })
  await ensureContainer(host, 'sidecar', { options: ['--network', 'container:web'] })
}

async function shop(host: SandboxHost): Promise<void> {
  const on = (address: string) => ['--network', 'shop', '--ip', address]
  const names = ['--network-alias', 'backend', '--hostname', 'api-7', '--add-host', 'ledger:192.168.66.12']
  const dns = ['--dns', '192.0.2.53', '--dns-search', 'shop.example']
  const store = 'httpd -p 9000 -h /www; httpd -p 9001 -h /www; exec httpd -f -p 9002 -h /www'
  await Promise.all([
    ensureContainer(host, 'api', {
      options: [...on('10.20.0.10'), ...names, ...dns, '-P'],
      image: exposing,
      program: serve(80),
    }),
    ensureContainer(host, 'store', {
      options: [...on('10.20.0.11'), '-p', '9000-9002:9000-9002'],
      program: ['sh', '-c', store],
    }),
    // Nothing listens behind this port: busybox has no program that answers datagrams.
    ensureContainer(host, 'names', { options: [...on('10.20.0.12'), '-p', '5353:53/udp'] }),
  ])
}

async function vault(host: SandboxHost): Promise<void> {
  await ensureContainer(host, 'db', { options: ['--network', 'vault', '--ip', '10.30.0.10'], program: serve(5432) })
}

async function modes(host: SandboxHost): Promise<void> {
  await ensureContainer(host, 'monitor', { options: ['--network', 'host'], program: serve(9100) })
  await ensureContainer(host, 'quiet', { options: ['--network', 'none'] })
}

/** On two networks: the shop, which holds its default route, and the vault, which has no way out. */
async function connectApiToVault(host: SandboxHost): Promise<void> {
  const networks = await host.docker('container', 'inspect', '--format', '{{json .NetworkSettings.Networks}}', 'api')
  if (!networks.includes('"vault"')) await host.docker('network', 'connect', '--ip', '10.30.0.11', 'vault', 'api')
}

const exposing = 'busybox-web'

/** An image with EXPOSE, which is what -P publishes. */
async function ensureExposingImage(host: SandboxHost): Promise<void> {
  if (host.dockerSocket === null || (await host.exec(['docker', 'image', 'inspect', exposing])).code === 0) return
  await importBusybox(host.dockerSocket, exposing, ['EXPOSE 80'])
}
