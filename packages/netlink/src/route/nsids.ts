import { fieldDecoder } from '../codec/fields.ts'
import type { Message, Reader } from '../codec/reader.ts'
import { attribute, i32, u32 } from '../codec/writer.ts'
import type { NetlinkSocket } from '../socket.ts'
import { RTM } from './messages.ts'

/** An id that one namespace has for another. Ids are the asking namespace's own and are reused after RTM_DELNSID. */
export type Nsid = { nsid: number; currentNsid?: number }

/** Id of the namespace behind `netnsFd` as seen from the socket's, undefined when it has none. Same as "ip netns list-id". */
export function getNsid(socket: NetlinkSocket, netnsFd: number): number | undefined {
  const payload = Buffer.concat([Buffer.alloc(4), attribute(3, u32(netnsFd))])
  const nsid = socket.get({ type: RTM.GETNSID, payload, doing: 'get namespace id' }, decodeNsid)[0]?.nsid
  return nsid === undefined || nsid < 0 ? undefined : nsid
}

/** Gives the namespace an id, the kernel's choice when none is named; throws NetlinkError EEXIST when it has one. Same as "ip netns set". */
export function setNsid(socket: NetlinkSocket, netnsFd: number, nsid = -1): void {
  const payload = Buffer.concat([Buffer.alloc(4), attribute(1, i32(nsid)), attribute(3, u32(netnsFd))])
  socket.apply({ type: RTM.NEWNSID, payload, doing: 'set namespace id' })
}

/** The namespace's id, given first when it has none; only a namespace with an id sends events to others. */
export function ensureNsid(socket: NetlinkSocket, netnsFd: number): number {
  const known = getNsid(socket, netnsFd)
  if (known !== undefined) return known
  setNsid(socket, netnsFd)
  const given = getNsid(socket, netnsFd)
  if (given === undefined) throw new Error('the kernel gave a namespace id and does not know it')
  return given
}

/** All ids that the socket's namespace has given. Same as "ip netns list-id". */
export function listNsids(socket: NetlinkSocket): Nsid[] {
  return socket.dump({ type: RTM.GETNSID, payload: Buffer.alloc(4), doing: 'dump namespace ids' }, decodeNsid)
}

/** An RTM_NEWNSID or RTM_DELNSID message. */
export function decodeNsid(reader: Reader, message: Message): Nsid | undefined {
  if (!reader.has(message.start, message.end, 4)) return undefined
  const { nsid, currentNsid } = readFields(reader, message.start + 4, message.end)
  if (nsid === undefined) return undefined
  return currentNsid === undefined ? { nsid } : { nsid, currentNsid }
}

const readFields = fieldDecoder({
  1: ['nsid', 'i32'],
  2: ['pid', 'skip'],
  3: ['fd', 'skip'],
  4: ['targetNsid', 'skip'],
  5: ['currentNsid', 'i32'],
})
