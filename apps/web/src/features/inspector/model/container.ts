import type { Container } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { attachmentsSection } from './attachments.ts'
import { containersIn, crumbs, fact, facts, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { namesSection } from './containerNames.ts'
import { containerRow, containerStatus } from './containerRow.ts'
import { iconOf, netnsValue, refTo, type Scope } from './context.ts'
import { insideSections } from './netns.ts'
import type { PageDraft, Row, Say, Section, Value } from './page.ts'
import { portsSection } from './published.ts'

/** A container: what it is, how it is on the network, and everything inside of its namespace. */
export function containerPage(s: Scope, c: Container): PageDraft {
  const ref = refTo(s, 'container', c)
  const own = c.netns !== undefined && c.netns !== s.snapshot.host.rootNetns ? c.netns : undefined
  return {
    ref,
    icon: c.networkMode === 'host' ? 'resident' : iconOf(s, ref),
    title: c.name,
    what: say('aContainer', { image: c.image }),
    status: containerStatus(c),
    crumbs: crumbs(s),
    copyId: c.containerId.slice(0, 12),
    sections: sections(
      overview(s, c),
      sharersSection(s, c),
      attachmentsSection(s, c),
      portsSection(s, c),
      namesSection(s, c),
      ...(own === undefined ? [] : insideSections(s, own)),
      labelsSection(c),
    ),
  }
}

/** The network mode as a sentence that says what it means. */
export function modeSay(s: Scope, c: Container): Say {
  const mode = c.networkMode
  if (mode === 'host') return say('modeHost')
  if (mode === 'none') return say('modeNone')
  if (mode.startsWith('container:')) return say('modeContainer', { name: sharedWith(s, c)?.name ?? mode.slice(10, 22) })
  if (mode === 'bridge' || mode === 'default') return say('modeBridge')
  return say('modeNetwork', { name: mode })
}

function overview(s: Scope, c: Container): Section {
  const shared = sharedWith(s, c)
  const namespace: Value =
    c.netns !== undefined ? netnsValue(s, c.netns) : { unknown: c.state === 'running' ? 'netns' : 'notRunning' }
  return section(
    'overview',
    [
      { kind: 'say', say: modeSay(s, c) },
      facts(
        fact('networkMode', c.networkMode.startsWith('container:') ? 'container' : c.networkMode),
        shared && fact('sharesWith', { to: refTo(s, 'container', shared), text: shared.name, icon: 'box' }),
        fact('image', c.image),
        fact('command', c.command || undefined),
        fact('pid', c.pid ?? { unknown: 'notRunning' }),
        fact('netns', namespace),
        fact('restartPolicy', c.restartPolicy || undefined),
        c.startedAt === undefined ? undefined : fact('startedAt', { time: c.startedAt }),
        fact('createdAt', { time: c.createdAt }),
        fact('containerId', c.containerId.slice(0, 12)),
      ),
    ],
    { commands: byHand(s, 'container', c.id, 'container', 'inode') },
  )
}

function sharedWith(s: Scope, c: Container): Container | undefined {
  if (!c.networkMode.startsWith('container:')) return undefined
  const wanted = c.networkMode.slice('container:'.length)
  return recordsOf(s.snapshot, 'container').find((o) => o !== c && (o.containerId === wanted || o.name === wanted))
}

/** Containers in one namespace see the same interfaces and ports. */
function sharersSection(s: Scope, c: Container): Section | undefined {
  if (c.netns === undefined || c.netns === s.snapshot.host.rootNetns) return undefined
  const others = containersIn(s, c.netns).filter((o) => o.id !== c.id)
  if (others.length === 0) return undefined
  const rows = others.map((o) => containerRow(s, o))
  return section(
    'sharers',
    [
      { kind: 'say', say: say('sharersNote') },
      { kind: 'rows', rows, empty: say('noContainers') },
    ],
    {
      count: rows.length,
    },
  )
}

function labelsSection(c: Container): Section | undefined {
  const rows = Object.entries(c.labels).map(([name, value]): Row => ({ id: name, title: name, text: [value] }))
  return rows.length > 0
    ? section('labels', [{ kind: 'rows', rows, empty: say('noLabels') }], { count: rows.length, folded: true })
    : undefined
}
