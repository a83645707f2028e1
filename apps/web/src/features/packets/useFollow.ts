import type { HostSnapshot } from '@hopscope/model'
import { senderOf, type Typed } from '@hopscope/path'
import type { RecordRef } from '@hopscope/topology'
import { useCallback, useMemo } from 'react'
import { useSelection } from '../../shell/location.ts'
import { createSlot, useSlot } from '../../shell/slot.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { type OpenPackets, useOpenPackets } from './location.ts'
import { filterFor } from './watch/model/filterFor.ts'

let started = false
const asked = createSlot(0)

/** Grows whenever somebody asks for the pane: then it comes before what else stands beside the map. */
export const useAskedFor = (): number => useSlot(asked)

/** Whether the pane was asked for since this was asked last: whoever works by keyboard goes on in it. */
export function takeStarted(): boolean {
  const was = started
  started = false
  return was
}

function start(): void {
  started = true
  asked.set(asked.get() + 1)
}

/**
 * Opens the pane: with what is known of the question, on that host, else on the host of what is selected. With nothing known, a pane that is
 * open stays as it is.
 */
export function useFollow(): (known?: Partial<Typed>, hostId?: string) => void {
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const [now, open] = useOpenPackets()
  return useCallback(
    (known, hostId = selection?.hostId) => {
      if (now && !known) return start()
      const host = all.find((one) => one.host.id === hostId && one.snapshot) ?? shown.find((one) => one.snapshot)
      if (host?.snapshot === undefined) return
      const selected = selection?.hostId === host.host.id ? senderOfRef(selection, host.snapshot) : undefined
      const { from = selected ?? 'host', to = '', port = '', protocol = port === '' ? 'icmp' : 'tcp' } = known ?? {}
      void open({ hostId: host.host.id, from, to, port, protocol: protocolOf(protocol) })
      start()
    },
    [all, shown, selection, now, open],
  )
}

/** Opens the pane to watch the packets of an object; undefined where they cannot be told by it. */
export function useWatchOf(ref: RecordRef, snapshot: HostSnapshot | undefined): (() => void) | undefined {
  const [, open] = useOpenPackets()
  const filter = useMemo(() => snapshot && filterFor(ref, snapshot), [ref, snapshot])
  if (filter === undefined) return undefined
  return () => {
    void open({ hostId: ref.hostId, from: 'host', to: '', protocol: 'icmp', port: '', watch: filter })
    start()
  }
}

/** Who would send from an object, as a question calls it; undefined where nobody can. */
export function senderOfRef(ref: RecordRef, snapshot: HostSnapshot): string | undefined {
  const record = snapshot.records[ref.kind][ref.id]
  if (record === undefined) return undefined
  const netns = ref.kind === 'netns' ? ref.id : 'netns' in record ? record.netns : undefined
  return netns === undefined ? undefined : senderOf(snapshot, netns)
}

const protocolOf = (text: string): OpenPackets['protocol'] =>
  text === 'tcp' || text === 'udp' || text === 'arp' ? text : 'icmp'
