import { visible } from '@hopscope/model'
import type { ToldStory } from '@hopscope/protocol'
import { Save } from 'lucide-react'
import { type ChangeEvent, useRef, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator, useToast } from '../../../../ui/index.ts'
import { download } from '../../../map/exportImage.ts'
import type { Telling } from '../../model/telling.ts'
import { forget, type Kept, keep, keptList, readKept } from '../kept.ts'
import {
  LARGEST_FILE,
  type ReadRecording,
  type Recording,
  readRecording,
  recordingLines,
  recordingPcap,
  recordingText,
} from '../model/recording.ts'
import { useWrongText } from '../useWrongText.ts'
import { replay, type Watched } from '../watching.ts'

type Props = {
  watched: Watched | undefined
  story: ToldStory | undefined
  telling: Telling | undefined
  /** What is shown is kept under this name from now on. */
  onKept: (key: string) => void
  /** Other packets are shown: those that are kept under a name, or those of a file. */
  onShown: (key: string | undefined) => void
}
const FORMATS = ['json', 'text', 'pcap'] as const

/** Keeps packets in the browser or as a file, and shows again what was kept. */
export function KeepMenu({ watched, story, telling, onKept, onShown }: Props) {
  const t = useTranslations('tracing')
  const { locale: language } = useLanguage()
  const format = useFormatter()
  const say = useToast()
  const wrongText = useWrongText()
  const file = useRef<HTMLInputElement>(null)
  const [kept, setKept] = useState<Kept[]>([])
  const recording = watched?.recording
  const hasPackets = recording !== undefined && recording.stories.length > 0
  const failed = (error: unknown) =>
    say(t('keepFailed', { why: error instanceof Error ? error.message : String(error) }), { bad: true })
  const look = () => void keptList().then(setKept, () => setKept([]))

  const keepHere = (what: Recording, { snapshot }: Telling) =>
    void keep(what, snapshot).then((key) => {
      onKept(key)
      say(t('keptNow'))
    }, failed)
  const save = (what: Recording, { snapshot, namer }: Telling, as: (typeof FORMATS)[number]) => {
    const name = `${what.host.name.replaceAll(/[^\w.-]+/g, '-')}-${new Date(what.began).toISOString().slice(0, 19).replaceAll(':', '')}`
    if (as === 'json') download(new Blob([recordingText(what, snapshot)], { type: 'application/json' }), `${name}.json`)
    else if (as === 'pcap')
      // A copy, whose buffer is certainly its own.
      download(
        new Blob([new Uint8Array(recordingPcap(what))], { type: 'application/vnd.tcpdump.pcap' }),
        `${name}.pcap`,
      )
    else download(new Blob([recordingLines(what, { language, namer })], { type: 'text/plain' }), `${name}.txt`)
  }
  const show = (read: ReadRecording | undefined, name: string, key?: string) => {
    if (read === undefined || 'wrong' in read) return say(wrongText(read, name), { bad: true })
    replay(read.recording)
    onShown(key)
  }
  const chosen = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [one] = target.files ?? []
    if (!one) return
    try {
      show(one.size > LARGEST_FILE ? { wrong: 'TOO_LARGE' } : readRecording(await one.text()), one.name)
    } finally {
      // The same file may be chosen again once it was put right.
      target.value = ''
    }
  }
  const one = recording && story && { ...recording, stories: [story], shown: 1, summary: undefined }
  return (
    <>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label={t('open')}
        onChange={(e) => void chosen(e)}
      />
      <Menu
        trigger={
          <Button small onPointerDown={look} onKeyDown={look} className="self-center">
            <Save size={13} aria-hidden />
            {t('keep')}
          </Button>
        }
        className="w-72"
      >
        {hasPackets && telling && (
          <>
            <MenuItem onSelect={() => keepHere(recording, telling)}>{t('keepHere')}</MenuItem>
            <MenuLabel>{t('saveAll')}</MenuLabel>
            {FORMATS.map((as) => (
              <MenuItem key={as} onSelect={() => save(recording, telling, as)}>
                {t(as)}
              </MenuItem>
            ))}
            {one && (
              <>
                <MenuLabel>{t('saveOne')}</MenuLabel>
                {FORMATS.map((as) => (
                  <MenuItem key={as} onSelect={() => save(one, telling, as)}>
                    {t(as)}
                  </MenuItem>
                ))}
              </>
            )}
            <MenuSeparator />
          </>
        )}
        <MenuItem onSelect={() => file.current?.click()}>{t('open')}</MenuItem>
        {kept.length > 0 && (
          <>
            <MenuSeparator />
            <MenuLabel>{t('keptHere')}</MenuLabel>
            {kept.map(({ key, host, filter, began, packets }) => (
              <MenuItem
                key={key}
                className="h-auto min-h-8 py-1"
                onSelect={() => void readKept(key).then((read) => show(read, host, key), failed)}
              >
                {t('kept', {
                  filter: filter === '' ? t('all') : visible(filter),
                  host: visible(host),
                  date: format.dateTime(began, { dateStyle: 'short', timeStyle: 'short' }),
                  count: packets,
                })}
              </MenuItem>
            ))}
            <MenuItem onSelect={() => void Promise.all(kept.map(({ key }) => forget(key))).then(look, failed)}>
              {t('forget')}
            </MenuItem>
          </>
        )}
      </Menu>
    </>
  )
}
