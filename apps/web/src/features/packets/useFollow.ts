import type { HostSnapshot } from '@hopscope/model'
import { senderOf, type Typed } from '@hopscope/path'
import type { RecordRef } from '@hopscope/topology'
import { useCallback } from 'react'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { type OpenPackets, useOpenPackets } from './location.ts'

let started = false
/** Whether the pane was opened since this was asked last: whoever works by keyboard goes on in it. */
export function takeStarted(): boolean {
  const was = started
  started = false
  return was
}

/** Opens the pane: with what is known of the question, on that host, else on the host of what is selected. */
export function useFollow(): (known?: Partial<Typed>, hostId?: string) => void {
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const [, open] = useOpenPackets()
  return useCallback(
    (known = {}, hostId = selection?.hostId) => {
      const host = all.find((one) => one.host.id === hostId && one.snapshot) ?? shown.find((one) => one.snapshot)
      if (host?.snapshot === undefined) return
      const selected = selection?.hostId === host.host.id ? senderOfRef(selection, host.snapshot) : undefined
      const { from = selected ?? 'host', to = '', port = '', protocol = port === '' ? 'icmp' : 'tcp' } = known
      void open({ hostId: host.host.id, from, to, port, protocol: protocolOf(protocol) })
      started = true
    },
    [all, shown, selection, open],
  )
}

/** Who would send from an object, as a question calls it; undefined where nobody can. */
export function senderOfRef(ref: RecordRef, snapshot: HostSnapshot): string | undefined {
  const record = snapshot.records[ref.kind][ref.id]
  if (record === undefined) return undefined
  const netns = ref.kind === 'netns' ? ref.id : 'netns' in record ? record.netns : undefined
  return netns === undefined ? undefined : senderOf(snapshot, netns)
}

const protocolOf = (text: string): OpenPackets['protocol'] => (text === 'tcp' || text === 'udp' ? text : 'icmp')
