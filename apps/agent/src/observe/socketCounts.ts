import { insideNetns, type Netns } from '@hopscope/netlink'
import { readProcFile } from './procFile.ts'

const FILES = ['sockstat', 'sockstat6'] as const

/**
 * How many TCP, UDP and raw sockets a namespace has in use, as a text that changes with them; `none` when there are none. An
 * eighth of the cost of listing them. Same as "cat /proc/net/sockstat /proc/net/sockstat6".
 */
export function readSocketCounts(netns: Netns): { text: string; none: boolean } {
  return insideNetns(netns, () => {
    // What stands behind "inuse" counts the whole machine's sockets.
    const lines = FILES.flatMap((file) => [...(readProcFile(`/proc/thread-self/net/${file}`) ?? '').matchAll(IN_USE)])
    return { text: lines.map(([line]) => line).join(' '), none: lines.every(([, count]) => count === '0') }
  })
}

const IN_USE = /^(?:TCP|UDP|RAW)6?: inuse (\d+)/gm
