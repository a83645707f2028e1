import type { GuideName } from '@hopscope/protocol'
import { useCallback } from 'react'
import { useSelection } from '../../shell/location.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useOpenGuide } from './location.ts'
import { propose } from './model/propose.ts'
import { forgetRan } from './ran.ts'

let started = false
/** Whether a guide was started since this was asked last: whoever works by keyboard goes on in it. */
export function takeStarted(): boolean {
  const was = started
  started = false
  return was
}
/** Opens a guide: on the host of what is selected, unless another one is meant. */
export function useStartGuide(): (name: GuideName, on?: { hostId: string; container: string }) => void {
  const { all, shown } = useShownHosts()
  const [selection] = useSelection()
  const [, open] = useOpenGuide()
  return useCallback(
    (name, on) => {
      const wanted = on?.hostId ?? selection?.hostId
      const host = all.find((one) => one.host.id === wanted && one.snapshot) ?? shown.find((one) => one.snapshot)
      if (host?.snapshot === undefined) return
      forgetRan()
      const known = on === undefined ? {} : { container: on.container }
      void open({ name, hostId: host.host.id, values: propose(name, host.snapshot, known) })
      started = true
    },
    [all, shown, selection, open],
  )
}
