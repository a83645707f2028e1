import type { RecordRef } from '@hopscope/topology'
import { addressPage } from './address.ts'
import { conntrackPage } from './conntrack.ts'
import { containerPage } from './container.ts'
import { type Context, type Scope, scopeOf } from './context.ts'
import { enginePage } from './engine.ts'
import { chainPage, rulePage, tablePage } from './firewallPages.ts'
import { linkPage } from './link.ts'
import { fdbPage, neighbourPage } from './neighbour.ts'
import { netnsPage } from './netns.ts'
import { networkPage } from './network.ts'
import type { Page, PageDraft } from './page.ts'
import { policyRulePage, routePage } from './route.ts'
import { shownPage } from './shown.ts'
import { socketPage } from './socket.ts'
import { sourcePage } from './source.ts'
import { sysctlPage } from './sysctl.ts'

/** Everything about a record; undefined when its host or the record itself is not (or no longer) there. */
export function inspect(context: Context, ref: RecordRef): Page | undefined {
  const scope = scopeOf(context, ref.hostId)
  // The reference may come from an address that somebody made up.
  if (!scope || !Object.hasOwn(scope.snapshot.records[ref.kind], ref.id)) return undefined
  const draft = pageOf(scope, ref)
  if (!draft) return undefined
  const record = scope.snapshot.records[ref.kind][ref.id]
  return { ...shownPage(draft), onMap: context.nodeOf(ref, record) !== undefined }
}

function pageOf(s: Scope, { kind, id }: RecordRef): PageDraft | undefined {
  const { records } = s.snapshot
  switch (kind) {
    case 'netns':
      return made(records.netns[id], s, netnsPage)
    case 'link':
      return made(records.link[id], s, linkPage)
    case 'address':
      return made(records.address[id], s, addressPage)
    case 'route':
      return made(records.route[id], s, routePage)
    case 'policyRule':
      return made(records.policyRule[id], s, policyRulePage)
    case 'neighbour':
      return made(records.neighbour[id], s, neighbourPage)
    case 'fdb':
      return made(records.fdb[id], s, fdbPage)
    case 'sysctl':
      return made(records.sysctl[id], s, sysctlPage)
    case 'fwTable':
      return made(records.fwTable[id], s, tablePage)
    case 'fwChain':
      return made(records.fwChain[id], s, chainPage)
    case 'fwRule':
      return made(records.fwRule[id], s, rulePage)
    case 'conntrack':
      return made(records.conntrack[id], s, conntrackPage)
    case 'socket':
      return made(records.socket[id], s, socketPage)
    case 'container':
      return made(records.container[id], s, containerPage)
    case 'dockerNetwork':
      return made(records.dockerNetwork[id], s, networkPage)
    case 'dockerEngine':
      return made(records.dockerEngine[id], s, enginePage)
    case 'source':
      return made(records.source[id], s, sourcePage)
  }
}

const made = <R>(record: R | undefined, s: Scope, page: (s: Scope, record: R) => PageDraft): PageDraft | undefined =>
  record && page(s, record)
