import type { HostSnapshot } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'
import { Crosshair, PanelRight, Plug as PlugIcon, Radar, Route } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useInspect, useView } from '../../shell/location.ts'
import { useShowOnMap } from '../../shell/mapFocus.ts'
import { useSession } from '../../shell/session.ts'
import { useSnapshot } from '../../stream/hooks.ts'
import { MenuAt, MenuItem, MenuLabel, MenuSeparator, MenuSub } from '../../ui/index.ts'
import { senderOfRef, useFollow, useWatchOf } from '../packets/useFollow.ts'
import { useAsking } from './asking.ts'
import { actionsFor } from './model/actionsFor.ts'
import { attach, type Plug, plugOf, socketsOf } from './model/attach.ts'
import type { Draft } from './model/draft.ts'
import type { ObjectMenuRequest } from './objectMenus.ts'
import { nameOfSocket, useAttachingWords } from './useAttaching.ts'
import { DraftItems } from './view/DraftItems.tsx'

/** Commands that "Plug into…" stands for. */
const PLUGS: readonly Draft['do'][] = ['link.attach', 'network.connect']

/** What can be done to an object, where one has pressed the right button, the menu key, or long enough. */
export function ObjectMenu({ menu, onClose }: { menu: ObjectMenuRequest; onClose: () => void }) {
  const t = useTranslations('changes')
  const kinds = useTranslations('kinds')
  const [main] = menu.refs
  const snapshot = useSnapshot(main.hostId)
  const inspect = useInspect()
  const showOnMap = useShowOnMap()
  const [view] = useView()
  const { ask } = useAsking()
  const packets = useTranslations('packets')
  const follow = useFollow()
  const tracing = useTranslations('tracing')
  const watch = useWatchOf(main, snapshot)
  const sender = snapshot && senderOfRef(main, snapshot)
  const groups = useMemo(() => (snapshot ? groupsOf(menu.refs, snapshot) : []), [menu.refs, snapshot])
  const plug = snapshot && plugOf(main, snapshot)
  return (
    <MenuAt at={menu.at} opener={menu.opener} label={t('actionsOf', { object: menu.name })} onClose={onClose}>
      <MenuLabel>{menu.name}</MenuLabel>
      <MenuItem onSelect={() => inspect(main)}>
        <PanelRight size={14} aria-hidden className="text-faint" />
        {t('details')}
      </MenuItem>
      {view !== 'map' && (
        <MenuItem onSelect={() => showOnMap(main)}>
          <Crosshair size={14} aria-hidden className="text-faint" />
          {t('showOnMap')}
        </MenuItem>
      )}
      {sender !== undefined && (
        <MenuItem onSelect={() => follow({ from: sender }, main.hostId)}>
          <Route size={14} aria-hidden className="text-faint" />
          {packets('ask')}
        </MenuItem>
      )}
      {watch && (
        <MenuItem onSelect={watch}>
          <Radar size={14} aria-hidden className="text-faint" />
          {tracing('watchIts')}
        </MenuItem>
      )}
      {plug && snapshot && <AttachTo plug={plug} snapshot={snapshot} />}
      {groups.map(({ ref, drafts }, i) => (
        <div key={`${ref.kind} ${ref.id}`}>
          <MenuSeparator />
          {i > 0 && <MenuLabel>{kinds(`record.${ref.kind}`)}</MenuLabel>}
          <DraftItems
            drafts={plug ? drafts.filter(({ do: name }) => !PLUGS.includes(name)) : drafts}
            onChoose={(draft) => ask(draft, ref.hostId)}
          />
        </div>
      ))}
    </MenuAt>
  )
}

/** Every bridge and network of the host; what cannot be chosen says why. */
function AttachTo({ plug, snapshot }: { plug: Plug; snapshot: HostSnapshot }) {
  const t = useTranslations('changes')
  const say = useAttachingWords()
  const { ask } = useAsking()
  const looksOnly = useSession()?.user.role === 'viewer'
  const sockets = useMemo(() => {
    const all = socketsOf(snapshot).map((socket) => ({ socket, attaching: attach(plug, socket, snapshot) }))
    return all.sort((a, b) => Number('draft' in b.attaching) - Number('draft' in a.attaching))
  }, [plug, snapshot])
  if (sockets.length === 0 || looksOnly) return null
  return (
    <MenuSub
      label={
        <>
          <PlugIcon size={14} aria-hidden className="text-faint" />
          {t('plug.to')}
        </>
      }
    >
      {sockets.map(({ socket, attaching }) => {
        const can = 'draft' in attaching
        return (
          <MenuItem
            key={socket.ref.id}
            idle={!can}
            className="h-auto min-h-8 flex-col items-start gap-0 py-1"
            onSelect={() => can && ask(attaching.draft, socket.ref.hostId)}
          >
            <span className={can ? '' : 'text-faint'}>{nameOfSocket(socket)}</span>
            {!can && <span className="text-faint text-xs">{say(plug, socket, attaching)}</span>}
          </MenuItem>
        )
      })}
    </MenuSub>
  )
}

/** The actions of the object itself, then of what else stands behind it: a bridge's Docker network. */
function groupsOf(refs: readonly RecordRef[], snapshot: HostSnapshot) {
  const known = new Set<string>()
  return refs.flatMap((ref, i) => {
    const record = snapshot.records[ref.kind][ref.id]
    // What else an object lists, such as the links of a box, has a place of its own.
    const own = i === 0 || (ref.kind === 'dockerNetwork' && refs[0]?.kind === 'link')
    if (record === undefined || !own) return []
    const drafts = actionsFor(ref.kind, record, snapshot).filter(({ label }) => !known.has(label))
    for (const { label } of drafts) known.add(label)
    return drafts.length > 0 ? [{ ref, drafts }] : []
  })
}
