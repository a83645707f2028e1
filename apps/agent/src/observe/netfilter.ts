import { NETLINK, type NetlinkSocket, nftGeneration, withNetlink } from '@hopscope/netlink'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { emptyPart, type FirewallParts } from './firewallParts.ts'
import { createJobs } from './jobs.ts'
import type { NftEvent } from './kernelEvents.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { firewallRecords } from './netfilterRecords.ts'
import { readRuleTexts } from './netfilterText.ts'
import { createOwnTracing } from './ownTracing.ts'
import { type Ruleset, readRuleset } from './ruleset.ts'
import { createSourceState } from './sourceState.ts'

export type Nftables = {
  start(): void
  onEvent(netns: string, event: NftEvent): void
  onNamespaces(change: NetnsChange): void
  onLoss(): void
  refresh(netns?: string): void
  pending(): boolean
  /** How often a namespace's ruleset was read. */
  stats(): { rulesets: number }
  close(): void
}

/** A transaction has many events; the tools that give the text start once after the last. */
const AT_ONCE = 2
const TRIES = 5

/**
 * Keeps tables, chains and rules of nftables, those of iptables-nft among them. Structure and handles come over netlink,
 * the text from the tool that speaks the rule's dialect; the ruleset's generation id tells whether both saw the same.
 */
export function createNftables(context: ObserverContext, namespaces: Namespaces, parts: FirewallParts): Nftables {
  const sources = createSourceState(context, ['nftables'])
  const generations = new Map<string, number>()
  const ownTracing = createOwnTracing()
  /** Could not be entered when something was to be read there: another file or process may lead to them. */
  const missed = new Set<string>()
  let rulesets = 0
  /** Everything is read at the start: what is found before need not be marked. */
  let started = false
  const jobs = createJobs(AT_ONCE, (netns) => context.busy(() => read(netns)))
  const dirty = createDirty<'rules'>(context.scheduler, (netns) => {
    if (changed(netns)) jobs.add(netns)
  })

  const dump = <T>(entry: NetnsEntry, act: (socket: NetlinkSocket) => T): T | undefined => {
    const result = sources.guard(entry.id, 'nftables', () =>
      inNetns(entry, (fd) => withNetlink(entry.root ? null : fd, NETLINK.NETFILTER, act)),
    )
    if (result === 'gone') {
      missed.add(entry.id)
      namespaces.rescan()
    }
    return result === 'gone' ? undefined : result
  }
  const generationOf = (entry: NetnsEntry) => dump(entry, (socket) => nftGeneration(socket).id)

  /** Cheap enough to ask first: most namespaces have no rules, and most events repeat what is known. */
  function changed(netns: string): boolean {
    const entry = namespaces.get(netns)
    if (entry === undefined) return false
    const generation = generationOf(entry)
    return generation !== undefined && generation !== generations.get(netns)
  }

  async function read(netns: string): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const entry = namespaces.get(netns)
      const ruleset = entry && dump(entry, readRuleset)
      if (entry === undefined || ruleset === undefined) return
      rulesets++
      if (ruleset.tables.length === 0) return publish(ruleset, netns)
      const texts = await readRuleTexts(entry.path, ruleset)
      if (generationOf(entry) !== ruleset.generation) continue
      sources.note(netns, 'nftables', texts.failure)
      return publish(ruleset, netns, texts)
    }
    // It changes faster than the tools can print it: once more, when it is quiet.
    dirty.mark(netns, 'rules')
  }

  function publish(ruleset: Ruleset, netns: string, texts?: Awaited<ReturnType<typeof readRuleTexts>>) {
    if (namespaces.get(netns) === undefined) return
    generations.set(netns, ruleset.generation)
    ownTracing.found(netns, ruleset.tables)
    parts.set(netns, 'nft', texts ? firewallRecords(netns, ruleset, texts) : emptyPart)
  }

  const markAll = () => {
    for (const { id } of namespaces.all()) dirty.mark(id, 'rules')
  }
  return {
    start() {
      started = true
      sources.report()
      markAll()
    },
    onEvent(netns, event) {
      if (ownTracing.concernsOthers(netns, event)) return dirty.mark(netns, 'rules')
      if (event.kind !== 'nftGeneration') return
      const { id } = event.generation
      const known = generations.get(netns)
      // What was known before a tracing of ours began or ended still holds behind it.
      if (known === id - 1) generations.set(netns, id)
      else if (known !== id) dirty.mark(netns, 'rules')
    },
    onNamespaces({ added, removed, changed: moved = [] }) {
      for (const netns of removed) {
        missed.delete(netns)
        generations.delete(netns)
        ownTracing.forget(netns)
        dirty.forget(netns)
        sources.forget(netns)
        parts.forget(netns)
      }
      for (const netns of moved) if (missed.delete(netns)) dirty.mark(netns, 'rules')
      if (started) for (const { id } of added) dirty.mark(id, 'rules')
    },
    onLoss: markAll,
    refresh(netns) {
      for (const { id } of namespaces.all()) {
        if (netns !== undefined && netns !== id) continue
        generations.delete(id)
        dirty.mark(id, 'rules')
      }
    },
    pending: () => dirty.pending() || jobs.pending(),
    stats: () => ({ rulesets }),
    close() {
      dirty.close()
      jobs.close()
    },
  }
}
