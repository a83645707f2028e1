import type { SandboxHost } from '@hopscope/sandbox'

/** Lets "iptables" stand for the legacy back end inside a host, as an administrator would choose it, and starts Docker on it. */
export async function chooseLegacy(host: SandboxHost): Promise<void> {
  const folder = '/run/alternatives'
  await host.run(['cp', '-a', '/etc/alternatives', folder])
  for (const name of ['iptables', 'ip6tables', 'iptables-save', 'iptables-restore'])
    await host.run(['ln', '-sf', `/usr/sbin/${name.replace('tables', 'tables-legacy')}`, `${folder}/${name}`])
  await host.run(['mount', '--bind', folder, '/etc/alternatives'])
  await host.run(['nft', 'flush', 'ruleset'])
  await host.restartDocker()
}
