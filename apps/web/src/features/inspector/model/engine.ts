import type { DockerEngine } from '@hopscope/model'
import { dockerNetworkId, recordsOf } from '@hopscope/model'
import { crumbs, fact, facts, missing, onOff, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, linksIn, linkValue, refTo, type Scope } from './context.ts'
import { membersOf } from './network.ts'
import type { Block, PageDraft, Row, Section } from './page.ts'

/** The Docker engine with its networks. */
export function enginePage(s: Scope, e: DockerEngine): PageDraft {
  return {
    ref: refTo(s, 'dockerEngine', e),
    icon: 'host',
    title: `Docker ${e.version}`,
    crumbs: crumbs(s),
    copyId: e.version,
    sections: sections(
      section('overview', [engineFacts(s, e)], { commands: byHand(s, 'dockerEngine', e.id) }),
      networksSection(s),
    ),
  }
}

/** Docker as the host's own namespace shows it: the engine in short, and its networks. */
export function dockerSection(s: Scope): Section | undefined {
  const engine = s.snapshot.records.dockerEngine.engine
  const gap = missing(s, 'docker')
  if (!engine && !gap) return undefined
  const blocks = [gap, engine && engineFacts(s, engine), engine && networkRows(s)]
  return section('docker', blocks, { commands: engine ? byHand(s, 'dockerEngine', engine.id) : [] })
}

function engineFacts(s: Scope, e: DockerEngine): Block {
  const bridge = linksIn(s, s.snapshot.host.rootNetns).find((l) => l.name === e.defaultBridge)
  return facts(
    fact('version', { to: refTo(s, 'dockerEngine', e), text: e.version, icon: 'host' }),
    fact('apiVersion', e.apiVersion),
    fact('defaultBridge', bridge ? linkValue(s, bridge) : e.defaultBridge),
    fact('icc', onOff(e.icc)),
    fact('userlandProxy', onOff(e.userlandProxy)),
    fact('iptables', onOff(e.iptables)),
    fact('firewallBackend', e.firewallBackend),
    fact('swarm', e.swarm),
    fact('rootDir', e.rootDir),
  )
}

function networkRows(s: Scope): Block {
  const rows = recordsOf(s.snapshot, 'dockerNetwork')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((n): Row => {
      const to = refTo(s, 'dockerNetwork', s.snapshot.records.dockerNetwork[dockerNetworkId(n.networkId)] ?? n)
      return {
        id: n.id,
        title: n.name,
        to,
        icon: iconOf(s, to),
        text: [
          ...n.ipam.flatMap((i) => (i.subnet === undefined ? [] : [i.subnet])),
          say('members', { count: membersOf(s, n).length }),
        ],
        tags: [{ text: n.driver }, ...(n.internal ? [say('internalTag')] : [])],
      }
    })
  return { kind: 'rows', rows, empty: say('noNetworks') }
}

const networksSection = (s: Scope): Section =>
  section('networks', [networkRows(s)], { count: recordsOf(s.snapshot, 'dockerNetwork').length })
