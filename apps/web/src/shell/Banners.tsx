import { Filter, ShieldAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../ui/index.ts'
import { Banner } from './Banner.tsx'
import { useHostFilter } from './location.ts'
import { useSession } from './session.ts'
import { useShownHosts } from './useShownHosts.ts'

/** What a person must not overlook: an open connection, and a filter that hides something. */
export function Banners() {
  const t = useTranslations('shell')
  const insecure = useSession()?.insecureBind
  const { hidden } = useShownHosts()
  const [, setFilter] = useHostFilter()
  return (
    <>
      {insecure && (
        <Banner icon={ShieldAlert} hue="danger">
          <strong className="font-semibold">{t('insecure.title')}</strong> {t('insecure.text')}
        </Banner>
      )}
      {hidden > 0 && (
        <Banner
          icon={Filter}
          hue="warn"
          action={
            <Button small onClick={() => void setFilter(null)}>
              {t('filter.clear')}
            </Button>
          }
        >
          {t('filter.hosts', { hidden })}
        </Banner>
      )}
    </>
  )
}
