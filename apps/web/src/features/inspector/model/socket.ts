import type { Container, Socket } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { crumbs, fact, facts, missing, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { netnsValue, refTo, type Scope } from './context.ts'
import type { PageDraft, Row, Section } from './page.ts'

/** A socket that waits for traffic, and whose it is. */
export function socketPage(s: Scope, x: Socket): PageDraft {
  const container = x.process && containerOfPid(s, x)
  return {
    ref: refTo(s, 'socket', x),
    icon: 'box',
    title: `${text(x)}/${x.protocol}`,
    crumbs: crumbs(s, x.netns),
    copyId: `${x.inode}`,
    sections: [
      section(
        'overview',
        [
          { kind: 'say', say: say(reach(x), { port: x.port, address: x.address }) },
          facts(
            fact('protocol', x.protocol),
            fact('address', x.address),
            fact('portNumber', x.port),
            fact('process', x.process ? `${x.process.comm} (${x.process.pid})` : { unknown: 'process' }),
            container && fact('container', { to: refTo(s, 'container', container), text: container.name, icon: 'box' }),
            fact('netns', netnsValue(s, x.netns)),
            fact('uid', x.uid),
            fact('device', x.device),
            fact('family', say(x.family === 'inet' ? 'ipv4' : 'ipv6')),
            x.v6Only === undefined ? undefined : fact('v6Only', say(x.v6Only ? 'on' : 'off')),
            fact('socketInode', x.inode),
          ),
        ],
        { commands: byHand(s, 'socket', x.id) },
      ),
    ],
  }
}

export function socketsSection(s: Scope, list: readonly Socket[], commands: readonly string[]): Section | undefined {
  const gap = missing(s, 'sockets')
  if (list.length === 0 && !gap) return undefined
  const rows = [...list]
    .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1))
    .map(
      (x): Row => ({
        id: x.id,
        title: `${text(x)}/${x.protocol}`,
        to: refTo(s, 'socket', x),
        text: x.process ? [`${x.process.comm} (${x.process.pid})`] : [],
        tags: local(x) ? [say('localOnly')] : [],
      }),
    )
  return section('sockets', [gap, { kind: 'rows', rows, empty: say('noSockets') }], { count: rows.length, commands })
}

const text = (x: Socket): string => `${x.address.includes(':') ? `[${x.address}]` : x.address}:${x.port}`
const local = (x: Socket): boolean => x.address.startsWith('127.') || x.address === '::1'
const reach = (x: Socket) =>
  local(x) ? 'reachLocal' : ['0.0.0.0', '::', '*'].includes(x.address) ? 'reachAny' : 'reachOne'

const containerOfPid = (s: Scope, x: Socket): Container | undefined =>
  x.netns === s.snapshot.host.rootNetns
    ? recordsOf(s.snapshot, 'container').find((c) => c.pid === x.process?.pid)
    : recordsOf(s.snapshot, 'container').find((c) => c.netns === x.netns)
