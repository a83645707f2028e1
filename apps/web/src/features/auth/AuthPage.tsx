import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Logo } from '../../shell/Logo.tsx'
import { Preferences } from '../../shell/Preferences.tsx'
import { LAYER_ID } from '../../ui/layer.ts'
import { Art } from './Art.tsx'

type Props = { title: string; lead?: string; children: ReactNode }

/** The frame of everything before the sign-in: a form, and at desktop width a picture of what lies behind it. */
export function AuthPage({ title, lead, children }: Props) {
  const t = useTranslations('auth')
  return (
    <div className="grid h-dvh overflow-y-auto bg-surface lg:grid-cols-[minmax(440px,5fr)_7fr]">
      <div className="flex min-h-full flex-col">
        <header className="flex h-(--header-height) shrink-0 items-center gap-2 px-4 sm:px-6">
          <Logo />
          <span className="flex-1 font-semibold text-md tracking-tight">Hopscope</span>
          <Preferences />
          <div id={LAYER_ID} className="absolute" />
        </header>
        <main className="flex flex-1 items-center justify-center px-4 py-8 sm:px-6">
          <div className="flex w-full max-w-88 flex-col gap-6 pb-16">
            <div className="flex flex-col gap-1">
              <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
              <p className="text-md text-soft">{lead ?? t('lead')}</p>
            </div>
            {children}
          </div>
        </main>
      </div>
      <div aria-hidden className="relative overflow-hidden border-border border-l bg-ground max-lg:hidden">
        <Art />
      </div>
    </div>
  )
}
