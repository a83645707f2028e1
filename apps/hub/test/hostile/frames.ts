import { AGENTS, type AgentToHub, BROWSERS, type BrowserToHub, PROTOCOL_VERSION } from '@hopscope/protocol'
import type { Random } from '@hopscope/testkit/random'
import { frame, TEXT } from './rawSocket.ts'
import { deepJson, hostileJson, hostileString } from './values.ts'

// All that there are: one that is missing here does not compile.
const OF_PAGES: Record<keyof BrowserToHub, true> = {
  hello: true,
  watch: true,
  got: true,
  resync: true,
  watchChanges: true,
}
const OF_AGENTS: Record<keyof AgentToHub, true> = {
  snapshot: true,
  part: true,
  patch: true,
  samples: true,
  progress: true,
  stories: true,
  traced: true,
  way: true,
  gone: true,
  away: true,
  marks: true,
}
const EVENTS: Record<string, readonly string[]> = {
  [BROWSERS]: Object.keys(OF_PAGES),
  [AGENTS]: Object.keys(OF_AGENTS),
}
const UNKNOWN = [
  'message',
  'hosts',
  'refused',
  'ping',
  '__proto__',
  'constructor',
  'toString',
  '',
  '*',
  '\ud800',
] as const
// socket.io keeps these names to itself.
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'] as const

/** Frames that the layers below our own protocol read without complaint: what is in them is what is wrong. */
export function wellFormed(random: Random, namespace: string): Buffer[] {
  if (namespace === '/') return [frame(`40${joining(random)}`)]
  const at = `${namespace},`
  const known = random.pick(EVENTS[namespace] ?? []) ?? 'hello'
  const text = (packet: string): Buffer[] => [frame(`4${packet}`)]
  const value = (): string => hostileJson(random)
  switch (random.below(9)) {
    case 0: // any value as the message
      return text(`2${at}["${known}",${value()}]`)
    case 1: // the wrong number of them
      return text(`2${at}[${[JSON.stringify(known), ...Array.from({ length: random.below(5) }, value)].join()}]`)
    case 2: // an acknowledgement is asked for
      return text(`2${at}${random.pick([0, 7, 2 ** 31])}["${known}",${value()}]`)
    case 3: // an event that is none of ours
      return text(`2${at}[${JSON.stringify(random.pick(UNKNOWN))},${value()}]`)
    case 4: // an event named by a number
      return text(`2${at}[${random.below(100)},${value()}]`)
    case 5: // an acknowledgement that nobody waits for
      return text(`3${at}${random.below(1000)}[${value()}]`)
    case 6: // with its attachments
      return [
        frame(`451-${at}["${known}",{"hostId":{"_placeholder":true,"num":0}}]`),
        frame(random.bytes(random.below(50))),
      ]
    case 7: // nearly right
      return text(`2${at}["${known}",${nearlyRight(random, known)}]`)
    default: // brackets within brackets
      return text(`2${at}["${known}",${random.next() < 0.1 ? deepJson(random) : value()}]`)
  }
}

/** Frames that break a rule of socket.io, engine.io or WebSocket: the connection ends with them. */
export function broken(random: Random, namespace: string): Buffer[] {
  const at = namespace === '/' ? '' : `${namespace},`
  const event = `["hello",${hostileJson(random)}]`
  const text = (packet: string): Buffer[] => [frame(packet)]
  switch (random.below(14)) {
    case 0: // no such packet
      return text(`${random.pick(['9', '7', 'x', '', '\0'])}${event}`)
    case 1:
      return text(`4${random.pick(['7', '9', 'a', '', '-1'])}${at}${event}`)
    case 2: // cut off
      return text(`42${at}${event}`.slice(0, 2 + random.below(event.length + at.length)))
    case 3: // another namespace
      return text(`42${random.pick(['/admin', '/agent', '/ui', '/__proto__', `/${'n'.repeat(4000)}`])},${event}`)
    case 4: // attachments that are too many, or no number
      return text(`45${random.pick(['999999999', '-1', '1e3', '11', 'NaN', ''])}-${at}${event}`)
    case 5: // attachments that never come
      return [frame(`452-${at}${event}`), frame(`42${at}${event}`)]
    case 6: // an attachment that nobody announced
      return [frame(random.bytes(1 + random.below(200)))]
    case 7:
      return text(`42${at}["${random.pick(RESERVED)}",${hostileJson(random)}]`)
    case 8: // text that is no UTF-8
      return [frame(Buffer.concat([Buffer.from('42'), Buffer.from([0xc3, 0x28, 0xff, 0xfe])]), TEXT)]
    case 9: // an opcode that is kept free, reserved bits, a control frame that is too long
      return [
        Buffer.from(
          random.pick([
            [0x83, 0x80, 0, 0, 0, 0],
            [0xf1, 0x80, 0, 0, 0, 0],
            [0x89, 0xfe, 1, 0, 0, 0, 0, 0],
          ]),
        ),
      ]
    case 10: // a frame without a mask
      return [Buffer.from([0x81, 0x02, 0x34, 0x32])]
    case 11: // a frame that says it holds 2^62 bytes
      return [Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]
    case 12:
      return [random.bytes(20 + random.below(200))]
    default: // connecting once more, or refusing as a server does
      return text(random.pick([`40${at}{}`, `44${at}{"message":"no"}`, `40${at}"text"`, `41${at}{}`]))
  }
}

/** Asking to join, with anything as the rights. Nothing else is listened to before; it would end the connection. */
function joining(random: Random): string {
  const namespace = random.pick([
    '',
    AGENTS,
    AGENTS,
    '/nowhere',
    '/__proto__',
    '/constructor',
    `/${hostileString(random)}`,
  ])
  const at = namespace === '' ? '' : `${namespace.replace(/[,?]/g, '')},`
  const protocol = `"protocol":${PROTOCOL_VERSION}`
  const rights = [`{"key":${hostileJson(random)},${protocol}}`, `{"__proto__":{"key":"x",${protocol}}}`, '', '{}']
  return at + (random.next() < 0.5 ? (rights[random.below(4)] ?? '') : `{"key":${hostileJson(random)}}`)
}

function nearlyRight(random: Random, event: string): string {
  const id = JSON.stringify(hostileString(random))
  const version = `{"epoch":${id},"revision":${random.pick(['0', '-1', '1.5', '1e999'])}}`
  const table = `{"link":{"__proto__":{"id":"__proto__"},"constructor":{"id":"constructor"}}}`
  switch (event) {
    case 'hello':
      return `{"protocol":${PROTOCOL_VERSION},"known":{"__proto__":${version},${id}:${version}}}`
    case 'watch':
      return `{"hostId":${id},"topics":["links",${id}]}`
    case 'samples':
      return `{"hostId":${id},"at":1,"links":${hostileJson(random)}}`
    case 'stories':
      return `{"hostId":${id},"id":${id},"stories":[{"at":1,"partial":false,"way":{"hops":[${hostileJson(random)}],"outcome":{"verdict":"left"}}}],"shown":1,"partial":0,"overruns":0}`
    case 'traced':
      return `{"hostId":${id},"id":${id},"end":{"reason":{"code":${id},"params":{${id}:1}}}}`
    case 'snapshot':
      return `{"hostId":${id},"version":${version},"hash":${id},"snapshot":{"host":${hostileJson(random)},"records":${table}}}`
    case 'patch':
      return `{"hostId":${id},"epoch":${id},"from":1,"to":2,"hash":${id},"diff":{"link":{"del":["__proto__","constructor"]}}}`
    default:
      return `{"hostId":${id}}`
  }
}
