import type { Netns } from '@hopscope/model'
import { recordsOf, sysctlId } from '@hopscope/model'
import { addressesSection } from './address.ts'
import { containersIn, crumbs, fact, facts, missing, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { conntrackSection } from './conntrack.ts'
import { containerRow } from './containerRow.ts'
import { inNetns, linksIn, placeName, refTo, type Scope } from './context.ts'
import { dockerSection } from './engine.ts'
import { firewallSections } from './firewall.ts'
import { linksSection } from './link.ts'
import { neighboursSection } from './neighbour.ts'
import type { PageDraft, Section, Status } from './page.ts'
import { publishedSection } from './published.ts'
import { policySection, routesSection } from './route.ts'
import { socketsSection } from './socket.ts'
import { switchesSection } from './sysctl.ts'
import { cableBlock } from './veth.ts'

/** A namespace with everything in it; the root one is the host's IP stack. */
export function netnsPage(s: Scope, n: Netns): PageDraft {
  return {
    ref: refTo(s, 'netns', n),
    icon: n.root ? 'stack' : 'box',
    title: placeName(s, n.id),
    what: say(n.root ? 'rootNetns' : 'aNetns'),
    status: netnsStatus(s, n),
    crumbs: n.root ? [] : crumbs(s),
    copyId: `net:[${n.inode}]`,
    sections: sections(
      overview(s, n),
      containersSection(s, n),
      ...insideSections(s, n.id),
      n.root ? dockerSection(s) : undefined,
    ),
  }
}

/** Whether its loopback works, and whether it passes packets on. */
function netnsStatus(s: Scope, n: Netns): Status {
  const lo = linksIn(s, n.id).find((l) => l.flags.includes('LOOPBACK'))
  const forwards = s.snapshot.records.sysctl[sysctlId(n.id)]?.ipForward
  if (!lo) return { state: 'unknown', say: say('loUnknown') }
  if (!lo.flags.includes('UP')) return { state: 'degraded', say: say('loDown') }
  return { state: 'up', say: say(forwards ? 'isRouter' : 'isEnd') }
}

/** What is inside of a namespace, section by section. */
export function insideSections(s: Scope, netns: string): (Section | undefined)[] {
  const root = netns === s.snapshot.host.rootNetns
  const links = linksIn(s, netns)
  const by = (...names: string[]) => byHand(s, 'netns', netns, ...names)
  const sysctl = s.snapshot.records.sysctl[sysctlId(netns)]
  const sockets = inNetns(s, 'socket', netns)
  const interfaces = [
    linksSection(s, links, by('link')),
    root ? undefined : cablesSection(s, netns),
    addressesSection(s, inNetns(s, 'address', netns), by('addresses')),
  ]
  const deciding = [
    routesSection(s, inNetns(s, 'route', netns), by('routes')),
    policySection(s, inNetns(s, 'policyRule', netns), by('policyRules')),
    root ? publishedSection(s) : undefined,
    ...firewallSections(s, netns),
    conntrackSection(s, netns, by('conntrack')),
  ]
  const rest = [
    neighboursSection(s, inNetns(s, 'neighbour', netns), by('neighbours')),
    socketsSection(s, sockets, by('sockets')),
  ]
  const switches = sysctl && switchesSection(s, sysctl)
  // Of a box people ask what is in it; of the host's stack, what it decides.
  return root ? [switches, ...deciding, ...interfaces, ...rest] : [...interfaces, ...deciding, ...rest, switches]
}

function overview(s: Scope, n: Netns): Section {
  const { host } = s.snapshot
  const processes = n.processes.map((p) => ({ text: `${p.comm} (${p.pid})` }))
  const more = n.processCount - n.processes.length
  return section(
    'overview',
    [
      facts(
        fact('inode', `net:[${n.inode}]`),
        n.names.length > 0 ? fact('heldBy', ...n.names.map((x) => ({ text: x.path }))) : undefined,
        fact(
          'processes',
          ...(processes.length > 0 ? processes : [say('noProcesses')]),
          more > 0 ? say('andMore', { count: more }) : undefined,
        ),
        fact('enter', `nsenter --net=${n.path}`),
        n.root ? fact('kernel', host.kernel) : undefined,
        n.root ? fact('os', host.os) : undefined,
        n.root ? fact('agent', host.agentVersion) : undefined,
        n.root
          ? fact(
              'vantage',
              host.vantage.kind === 'sandbox' ? say('sandboxHost', { name: host.vantage.sandbox }) : say('realHost'),
            )
          : undefined,
        n.root && !host.privileged ? fact('privileges', say('unprivileged')) : undefined,
      ),
      missing(s, 'namespaces'),
    ],
    { commands: byHand(s, 'netns', n.id, 'namespaces', 'names', 'processes', 'inode') },
  )
}

function containersSection(s: Scope, n: Netns): Section | undefined {
  const inside = containersIn(s, n.id)
  if (inside.length === 0) return undefined
  const rows = inside.map((c) => containerRow(s, c))
  return section('containers', [{ kind: 'rows', rows, empty: say('noContainers') }], {
    count: recordsOf(s.snapshot, 'container').filter((c) => c.netns === n.id).length,
  })
}

/** Each veth of a namespace as a cable with two ends. */
function cablesSection(s: Scope, netns: string): Section | undefined {
  const veths = linksIn(s, netns).filter((l) => l.info.kind === 'veth' && !l.port)
  return veths.length > 0
    ? section(
        'cables',
        veths.map((l) => cableBlock(s, l)),
        { count: veths.length },
      )
    : undefined
}
