import type { Netns } from '@hopscope/model'
import { type LoggedPacket, NetlinkError, openPacketLog } from '@hopscope/netlink'
import type { LegacyObstacle } from '@hopscope/trace'
import { inNetns } from '../observe/namespaces.ts'
import { errnoOf } from '../observe/processes.ts'
import { borrowLoggers, type LoggedFamily } from './loggers.ts'

/** Hears what iptables-legacy does with traced packets of one namespace. */
export type LegacyLog = { close(): void }
export type LegacyHandlers = { onPacket: (packet: LoggedPacket) => void; onLoss: () => void }

/**
 * Listens in a namespace. The rules of iptables-legacy tell of packets that our own table has marked as traced, so that no rule of theirs
 * is added; only the logger that they tell is borrowed. Same as "sysctl net.netfilter.nf_log.2=nfnetlink_log" and "tcpdump -i nflog:0" there.
 */
export function openLegacyLog(
  netns: Netns,
  families: readonly LoggedFamily[],
  handlers: LegacyHandlers,
): LegacyLog | { because: LegacyObstacle } | 'gone' {
  try {
    // Listening comes first: it loads what the logger needs, and is refused while somebody else does.
    const log = inNetns(netns, (fd) => openPacketLog({ netns: netns.root ? null : fd, ...handlers }))
    if (log === 'gone') return log
    try {
      const giveBack = borrowLoggers(netns, families)
      return {
        close() {
          giveBack()
          log.close()
        },
      }
    } catch (cause) {
      log.close()
      throw cause
    }
  } catch (error) {
    return { because: obstacleOf(error) }
  }
}

const OBSTACLES: Readonly<Record<string, LegacyObstacle>> = {
  EBUSY: 'GROUP_TAKEN',
  // So the kernel says when another socket has the group.
  EPERM: 'GROUP_TAKEN',
  EACCES: 'NOT_ALLOWED',
  EROFS: 'NOT_ALLOWED',
  EINVAL: 'LACKS_NFLOG',
  EOPNOTSUPP: 'LACKS_NFLOG',
  EPROTONOSUPPORT: 'LACKS_NFLOG',
  ENOENT: 'LACKS_NFLOG',
}

/** Throws what is no refusal. */
function obstacleOf(error: unknown): LegacyObstacle {
  const code = error instanceof NetlinkError ? error.code : errnoOf(error)
  const obstacle = code === undefined ? undefined : OBSTACLES[code]
  if (obstacle === undefined) throw error
  return obstacle
}
