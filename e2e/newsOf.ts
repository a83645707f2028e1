import { setTimeout } from 'node:timers/promises'
import { BROWSERS, type HostStatus } from '@hopscope/protocol'
import type { WireFrame, WireReader } from '@hopscope/testkit/wireReader'

// The kernel takes two seconds for a link-local address, and the agent looks at the names of processes every few seconds.
const QUIET = 4_000
const LONGEST = 30_000
const HOSTS = `42${BROWSERS},["hosts"`

/** The id of a host by its name, once the hub has its state. */
export async function followed(reader: WireReader, name: string): Promise<string> {
  const until = Date.now() + LONGEST
  while (Date.now() < until) {
    const list = reader.frames.findLast(({ text }) => text.startsWith(HOSTS))
    // What the hub says is what the page's schema says it is.
    const [, hosts] = JSON.parse(list?.text.slice(HOSTS.indexOf('[')) ?? '["hosts",[]]') as [string, HostStatus[]]
    const id = hosts.find(({ host }) => host.name === name)?.host.id
    if (id && reader.hash(id)) return id
    await setTimeout(20)
  }
  throw new Error(`no state of ${name} within ${LONGEST} ms`)
}

/** Every frame that comes from the beginning of `act` until nothing has changed on the host for a while; not what other hosts do meanwhile. */
export async function newsOf(reader: WireReader, hostId: string, act: () => Promise<unknown>): Promise<WireFrame[]> {
  await calm(reader, hostId)
  const from = reader.frames.length
  await act()
  await calm(reader, hostId)
  const error = reader.error()
  if (error) throw error
  const isOthers = ({ text }: WireFrame): boolean => isPatch(text) && !isOf(text, hostId)
  return reader.frames.slice(from).filter((frame) => !isOthers(frame))
}

export const bytesOf = (frames: readonly WireFrame[]): number => frames.reduce((sum, { bytes }) => sum + bytes, 0)

const isPatch = (text: string): boolean => text.includes('["patch",')
const isOf = (text: string, hostId: string): boolean => text.includes(`"hostId":"${hostId}"`)

/** Resolves once no patch of the host has come for a while. */
async function calm(reader: WireReader, hostId: string): Promise<void> {
  const end = Date.now() + LONGEST
  let seen = reader.frames.length
  let since = Date.now()
  while (Date.now() - since < QUIET) {
    if (Date.now() > end) throw new Error(`the host was not quiet for ${QUIET} ms within ${LONGEST} ms`)
    await setTimeout(20)
    if (reader.frames.slice(seen).some(({ text }) => isPatch(text) && isOf(text, hostId))) since = Date.now()
    seen = reader.frames.length
  }
}
