import type { Change } from './scene.ts'

export const rules: Change[] = [
  {
    name: 'add an iptables rule, either back end',
    weight: 9,
    run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'iptables-nft']) ?? ''
      const place =
        s.random.pick([
          ['filter', 'INPUT'],
          ['filter', 'FORWARD'],
          ['mangle', 'PREROUTING'],
          ['filter', 'OUTPUT'],
        ]) ?? []
      const [table = '', chain = ''] = place
      const match =
        s.random.pick([
          ['-p', 'tcp', '--dport', String(1 + s.random.below(9000))],
          ['-i', 'lo'],
          ['-m', 'comment', '--comment', `rule number ${s.counter}`],
        ]) ?? []
      const how = s.random.next() < 0.5 ? '-A' : '-I'
      return s.in(
        s.anyNamespace(),
        program,
        '-w',
        '-t',
        table,
        how,
        chain,
        ...match,
        '-j',
        s.random.pick(['ACCEPT', 'DROP', 'RETURN']) ?? '',
      )
    },
  },
  {
    name: 'delete an iptables rule by its place',
    weight: 4,
    run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy', 'ip6tables-nft']) ?? ''
      return s.in(s.anyNamespace(), program, '-w', '-D', s.random.pick(['INPUT', 'OUTPUT']) ?? '', '1')
    },
  },
  {
    name: 'add an iptables chain and a jump to it',
    weight: 3,
    async run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy']) ?? ''
      const namespace = s.anyNamespace()
      const chain = s.fresh('CHAIN-')
      return (
        (await s.in(namespace, program, '-w', '-N', chain)) &&
        s.in(namespace, program, '-w', '-A', 'INPUT', '-j', chain)
      )
    },
  },
  {
    name: 'add native nftables',
    weight: 6,
    async run(s) {
      const namespace = s.anyNamespace()
      await s.in(namespace, 'nft', 'add', 'table', 'inet', 'own')
      const base = '{ type filter hook input priority 10; policy accept; }'
      if (!(await s.in(namespace, 'nft', `add chain inet own input ${base}`))) return false
      return s.in(
        namespace,
        'nft',
        `add rule inet own input tcp dport ${1 + s.random.below(9000)} counter accept comment "n ${s.counter}"`,
      )
    },
  },
  {
    name: 'add or delete an element of a named set',
    weight: 6,
    async run(s) {
      const namespace = s.anyNamespace()
      await s.in(namespace, 'nft', 'add', 'table', 'inet', 'own')
      if (!(await s.in(namespace, 'nft', 'add set inet own named { type ipv4_addr; }'))) return false
      const act = s.random.pick(['add', 'add', 'delete']) ?? ''
      return s.in(namespace, 'nft', `${act} element inet own named { 10.0.0.${1 + s.random.below(5)} }`)
    },
  },
  {
    name: 'flush or delete native nftables',
    weight: 2,
    run: (s) => s.in(s.anyNamespace(), 'nft', s.random.pick(['flush', 'delete']) ?? '', 'table', 'inet', 'own'),
  },
  {
    name: 'make connections',
    weight: 3,
    async run(s) {
      const container = s.random.pick(s.containers)
      return !!container && s.docker('exec', container, 'ping', '-c', '1', '-W', '1', '192.168.66.1')
    },
  },
  { name: 'flush connection tracking', weight: 1, run: (s) => s.in('', 'conntrack', '-F') },
]
