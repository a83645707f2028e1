import type { SandboxHost } from '../host.ts'

/** Lets frames pass within the hand-made segments: bridged frames meet the FORWARD chain too, where Docker's policy is DROP. */
export async function addDockerUserRules(host: SandboxHost): Promise<void> {
  for (const segment of ['seg1', 'seg2']) {
    const match = ['-i', segment, '-o', segment]
    await ensureRule(host, 'iptables', 'DOCKER-USER', [
      ...match,
      ...comment(`frames within ${segment} may pass`),
      '-j',
      'ACCEPT',
    ])
  }
}

/** One rule by the old back end, so that the host holds rules of both at once. */
export async function addLegacyRule(host: SandboxHost): Promise<void> {
  const rule = [
    '-p',
    'tcp',
    '--dport',
    '9100',
    ...comment('an old tool kept this rule in the legacy tables'),
    '-j',
    'ACCEPT',
  ]
  await ensureRule(host, 'iptables-legacy', 'INPUT', rule)
}

/** The table `inet demo`, with one rule that counts. */
export async function addNativeTable(host: SandboxHost): Promise<void> {
  if ((await host.exec(['nft', 'list', 'table', 'inet', 'demo'])).code === 0) return
  await host.run(['nft', '-f', '-'], { input: table })
}

const table = `table inet demo {
  comment "a native nftables table beside the tables of iptables"
  chain seen {
    type filter hook input priority 10; policy accept;
    icmp type echo-request counter comment "pings that this host answered"
  }
}
`

function comment(text: string): string[] {
  return ['-m', 'comment', '--comment', text]
}

async function ensureRule(host: SandboxHost, program: 'iptables' | 'iptables-legacy', chain: string, rule: string[]) {
  if ((await host.exec([program, '-w', '-C', chain, ...rule])).code === 0) return
  // Inserted, since the DOCKER-USER chain of some releases ends with a RETURN.
  await host.run([program, '-w', '-I', chain, ...rule])
}
