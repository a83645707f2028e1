import { useCallback, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useSession } from '../../../shell/session.ts'
import { useHosts } from '../../../stream/hooks.ts'
import { useAsking } from '../../changes/asking.ts'
import { attach, plugOf, socketsOf } from '../../changes/model/attach.ts'
import { nameOfPlug, useAttachingWords } from '../../changes/useAttaching.ts'
import type { MapCallbacks } from '../mapController.ts'
import type { MapModel } from '../useMapModel.ts'
import type { Plugging, Verdict } from './pull.ts'

/** What can be dragged on the map and onto what; dropping it opens the form of the command, and runs nothing. */
export function usePlugging(model: MapModel): Pick<MapCallbacks, 'canPlug' | 'plugging' | 'onPlug'> {
  const t = useTranslations('changes')
  const say = useAttachingWords()
  const { ask } = useAsking()
  const hosts = useHosts()
  const looksOnly = useSession()?.user.role === 'viewer'
  const latest = useRef({ model, hosts })
  latest.current = { model, hosts }
  const stateOf = useCallback((id: string) => {
    const ref = latest.current.model.scene.nodes.get(id)?.node.refs[0]
    const snapshot = ref && latest.current.hosts.get(ref.hostId)?.snapshot
    const plug = snapshot && plugOf(ref, snapshot)
    return plug && { plug, snapshot }
  }, [])
  /** What each bar that is drawn would do, by node; of several networks on one bar the first that can be. */
  const attachings = useCallback(
    (id: string) => {
      const found = stateOf(id)
      if (!found) return undefined
      const { nodeOf, scene } = latest.current.model
      const { plug, snapshot } = found
      const all = socketsOf(snapshot).flatMap((socket) => {
        const node = nodeOf(socket.ref)
        const drawn = node === undefined ? undefined : scene.nodes.get(node)?.node.kind
        if (node === undefined || (drawn !== 'bridge' && drawn !== 'macvlan')) return []
        return [{ node, socket, attaching: attach(plug, socket, snapshot) }]
      })
      return { ...found, all }
    },
    [stateOf],
  )
  return useMemo(
    () => ({
      canPlug: (id) => {
        const kind = latest.current.model.scene.nodes.get(id)?.node.kind
        return !looksOnly && kind !== 'bridge' && kind !== 'entrance' && stateOf(id) !== undefined
      },
      plugging: (id): Plugging | undefined => {
        const found = looksOnly ? undefined : attachings(id)
        if (!found) return undefined
        const verdicts = new Map<string, Verdict>()
        for (const { node, socket, attaching } of found.all) {
          if (verdicts.get(node)?.ok) continue
          verdicts.set(node, { ok: 'draft' in attaching, text: say(found.plug, socket, attaching) })
        }
        return { hint: t('plug.hint', { plug: nameOfPlug(found.plug) }), verdicts }
      },
      onPlug: (id, target) => {
        const found = attachings(id)
        for (const { node, attaching } of found?.all ?? [])
          if (node === target && 'draft' in attaching) return ask(attaching.draft, found?.snapshot.host.id)
      },
    }),
    [looksOnly, attachings, stateOf, say, t, ask],
  )
}
