import { recordsOf, type Socket } from '@hopscope/model'
import { containerPart, endpoint, netnsPart } from '../naming.ts'
import { defineTable } from '../table.ts'
import { yesNo } from '../value.ts'

/** What waits for traffic. Same as `ss -lntup` in each namespace. */
export const sockets = defineTable<Socket>({
  id: 'sockets',
  theme: 'traffic',
  icon: 'entrance',
  sources: ['sockets'],
  order: ['namespace', 'portNumber'],
  records: (s) => recordsOf(s.snapshot, 'socket'),
  ref: (k) => ({ kind: 'socket', id: k.id }),
  columns: [
    { id: 'listensOn', kind: 'code', width: 200, value: (k) => endpoint(k.address, k.port) },
    { id: 'portNumber', kind: 'number', width: 80, value: (k) => k.port },
    { id: 'protocol', kind: 'words', width: 90, value: (k) => k.protocol },
    { id: 'process', kind: 'code', width: 170, value: (k) => k.process?.comm },
    { id: 'pid', kind: 'number', width: 80, value: (k) => k.process?.pid },
    { id: 'namespace', kind: 'words', width: 180, value: (k, s) => netnsPart(s, k.netns) },
    {
      id: 'containers',
      kind: 'words',
      width: 180,
      grow: true,
      value: (k, s) =>
        s
          .containersIn(k.netns)
          .filter((c) => c.netns !== s.snapshot.host.rootNetns || c.pid === k.process?.pid)
          .map((c) => containerPart(s, c)),
    },
    { id: 'family', kind: 'words', width: 80, value: (k) => (k.family === 'inet' ? 'IPv4' : 'IPv6') },
    { id: 'v6Only', kind: 'words', width: 100, extra: true, value: (k) => yesNo(k.v6Only) },
    { id: 'device', kind: 'code', width: 120, value: (k) => k.device },
    { id: 'uid', kind: 'number', width: 72, value: (k) => k.uid },
  ],
})
