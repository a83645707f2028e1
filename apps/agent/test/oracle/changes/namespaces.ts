import { type Change, remove } from './scene.ts'

export const namespaces: Change[] = [
  {
    name: 'add a namespace',
    weight: 5,
    async run(s) {
      const name = s.fresh('ns')
      if (!(await s.in('', 'ip', 'netns', 'add', name))) return false
      s.namespaces.push(name)
      return s.random.next() < 0.5 ? s.in(name, 'ip', 'link', 'set', 'lo', 'up') : true
    },
  },
  {
    name: 'delete a namespace with all that is in it',
    weight: 2,
    async run(s) {
      const name = s.random.pick(s.namespaces)
      if (!name || !(await s.in('', 'ip', 'netns', 'del', name))) return false
      remove(s.namespaces, (n) => n === name)
      s.forget(name)
      return true
    },
  },
]
