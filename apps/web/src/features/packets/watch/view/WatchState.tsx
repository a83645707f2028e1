import { sayPlaces, saySummary } from '@hopscope/trace'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '../../../../api/useErrorText.ts'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { useView } from '../../../../shell/location.ts'
import { useNow } from '../../../../shell/useNow.ts'
import { Because } from '../../../changes/view/Because.tsx'
import { MOST_PASSING } from '../../../map/passing/passing.ts'
import type { Telling } from '../../model/telling.ts'
import { wishToSee } from '../../passed.ts'
import { lacksRules, unsentOf } from '../model/recording.ts'
import type { Watched } from '../watching.ts'
import { DotKey } from './DotKey.tsx'

type Props = { watched: Watched; telling: Telling }

/** How far it is, what was lost and where it cannot look: nothing of it is left unsaid. */
export function WatchState({ watched, telling: { namer } }: Props) {
  const t = useTranslations('tracing')
  const { locale: language } = useLanguage()
  const format = useFormatter()
  const errorText = useErrorText()
  const { state, until, places, recording, unseen, trouble, isReplay } = watched
  const [, setView] = useView()
  const show = () => {
    void setView('map')
    wishToSee({ hostId: recording.host.id, stories: recording.stories.slice(-MOST_PASSING) })
  }
  const isRunning = state === 'running' || state === 'stopping'
  const now = useNow(1_000, isRunning)
  const { summary, shown, partial, overruns } = recording
  const unsent = unsentOf(recording)
  const counted = (key: 'partialNow' | 'unsentNow' | 'overrunsNow', count: number) =>
    count > 0 ? [t(key, { count })] : []
  const filter = recording.filter === '' ? t('all') : recording.filter
  const date = format.dateTime(recording.began, { dateStyle: 'medium', timeStyle: 'medium' })
  const lost = [...counted('partialNow', partial), ...counted('unsentNow', unsent), ...counted('overrunsNow', overruns)]
  const [first, ...rest] = summary ? saySummary({ ...summary, unsent }, { language, namer }) : []
  const main =
    first ??
    (isRunning && places
      ? t('running', {
          count: shown,
          namespaces: places.namespaces,
          seconds: Math.max(0, Math.ceil((until - now) / 1000)),
        })
      : undefined)
  const warnings = [...rest, ...(summary ? [] : lost), ...(places ? sayPlaces(places, { language, namer }) : [])]
  return (
    <div className="flex flex-col gap-1 px-4" data-watch={state}>
      {isReplay && <p className="text-soft">{t('replay', { host: recording.host.name, date, filter })}</p>}
      {isReplay && lacksRules(recording) && <p className="text-soft">{t('noRules')}</p>}
      {main !== undefined && <p className="text-soft">{main}</p>}
      {isRunning && shown > 0 && <DotKey onShow={show} />}
      {unseen > 0 && <p className="text-soft">{t('unseen', { count: unseen, most: MOST_PASSING })}</p>}
      {warnings.length > 0 && (
        <ul aria-live="polite" className="flex flex-col gap-1">
          {warnings.map((text) => (
            <li key={text} className="text-warn">
              {text}
            </li>
          ))}
        </ul>
      )}
      {trouble?.kind === 'reason' && <Because reason={trouble.reason} />}
      {trouble?.kind === 'cut' && (
        <p role="alert" className="text-danger">
          {t('cut')}
        </p>
      )}
      {trouble?.kind === 'failed' && (
        <p role="alert" className="text-danger">
          {errorText(trouble.error)}
        </p>
      )}
    </div>
  )
}
