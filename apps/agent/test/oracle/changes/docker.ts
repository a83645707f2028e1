import { type Change, remove } from './scene.ts'

export const docker: Change[] = [
  {
    name: 'start a container',
    weight: 6,
    async run(s) {
      const name = s.fresh('c')
      const r = s.random
      const other = r.pick(s.containers)
      const modes = [
        [],
        [],
        ['--network', 'none'],
        ['--network', 'host'],
        ...s.networks.map((n) => ['--network', n]),
        ...(other ? [['--network', `container:${other}`]] : []),
      ]
      const mode = r.pick(modes) ?? []
      const bridged = mode.length === 0 || s.networks.includes(mode[1] ?? '')
      const ports = [
        [],
        ['-p', `${20000 + s.counter}:80`],
        ['-p', `127.0.0.1::8${r.below(9)}`],
        ['-p', `${30000 + s.counter}:53/udp`],
      ]
      const port = bridged ? (r.pick(ports) ?? []) : []
      if (!(await s.docker('run', '-d', '--name', name, ...mode, ...port, 'busybox', 'sleep', '100000'))) return false
      s.containers.push(name)
      return true
    },
  },
  {
    name: 'kill, stop and start, pause or remove a container',
    weight: 5,
    async run(s) {
      const name = s.random.pick(s.containers)
      if (!name) return false
      const what = s.random.below(5)
      if (what === 0) return s.docker('kill', name)
      if (what === 1) return s.docker('start', name)
      if (what === 2) return s.docker('pause', name)
      if (what === 3) return s.docker('unpause', name)
      if (!(await s.docker('rm', '-f', name))) return false
      remove(s.containers, (c) => c === name)
      return true
    },
  },
  {
    name: 'rename a container',
    weight: 2,
    async run(s) {
      const index = s.random.below(s.containers.length)
      const was = s.containers[index]
      const name = s.fresh('renamed')
      if (!was || !(await s.docker('rename', was, name))) return false
      s.containers[index] = name
      return true
    },
  },
  {
    name: 'add or remove a network',
    weight: 2,
    async run(s) {
      if (s.networks.length > 2 || s.random.next() < 0.3) {
        const name = s.random.pick(s.networks)
        if (!name || !(await s.docker('network', 'rm', name))) return false
        remove(s.networks, (n) => n === name)
        return true
      }
      const name = s.fresh('net')
      if (!(await s.docker('network', 'create', ...(s.random.next() < 0.3 ? ['--internal'] : []), name))) return false
      s.networks.push(name)
      return true
    },
  },
  {
    name: 'connect a container to a network, or disconnect it',
    weight: 4,
    async run(s) {
      const network = s.random.pick(s.networks)
      const container = s.random.pick(s.containers)
      if (!network || !container) return false
      return s.docker('network', s.random.next() < 0.65 ? 'connect' : 'disconnect', network, container)
    },
  },
]
