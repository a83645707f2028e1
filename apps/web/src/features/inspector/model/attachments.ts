import type { Attachment, Container } from '@hopscope/model'
import { dockerNetworkId } from '@hopscope/model'
import { fact, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { linksIn, linkValue, refTo, type Scope } from './context.ts'
import type { Block, Section } from './page.ts'

/** The networks that a container is on, as Docker tells it, each with the interface that the kernel has for it. */
export function attachmentsSection(s: Scope, c: Container): Section | undefined {
  if (c.attachments.length === 0) return undefined
  return section(
    'networks',
    c.attachments.map((a) => attachmentBlock(s, c, a)),
    {
      count: c.attachments.length,
      commands: byHand(s, 'container', c.id, 'container', 'addresses'),
    },
  )
}

function attachmentBlock(s: Scope, c: Container, a: Attachment): Block {
  const network = s.snapshot.records.dockerNetwork[dockerNetworkId(a.networkId)]
  const link =
    c.netns === undefined ? undefined : linksIn(s, c.netns).find((l) => a.mac !== undefined && l.address === a.mac)
  const stopped = c.state !== 'running'
  const list = [
    fact(
      'ip',
      a.ip === undefined ? (stopped ? { unknown: 'notRunning' } : say('noAddress')) : withPrefix(a.ip, a.prefixLength),
    ),
    fact('ip6', a.ip6),
    fact('gateway', a.gateway),
    fact('mac', a.mac),
    link && fact('link', linkValue(s, link)),
    a.aliases.length > 0 ? fact('aliases', ...a.aliases) : undefined,
    a.links.length > 0 ? fact('links', ...a.links) : undefined,
    fact('endpoint', a.endpointId?.slice(0, 12)),
  ].filter((f) => f !== undefined)
  return {
    kind: 'group',
    title: a.network,
    icon: network && (network.driver === 'macvlan' || network.driver === 'ipvlan') ? 'macvlan' : 'bridge',
    ...(network && { to: refTo(s, 'dockerNetwork', network) }),
    facts: list,
  }
}

const withPrefix = (ip: string, length: number | undefined): string => (length === undefined ? ip : `${ip}/${length}`)
