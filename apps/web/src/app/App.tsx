'use client'
import { QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/react'
import { queryClient } from '../api/client.ts'
import { Gate } from '../features/auth/Gate.tsx'
import { LanguageProvider } from '../i18n/Language.tsx'
import { Boot } from '../shell/Boot.tsx'
import { ToastProvider, TooltipProvider } from '../ui/index.ts'

/** Everything; nothing of it is rendered ahead, because language and session are known only in the browser. */
export function App() {
  return (
    <LanguageProvider fallback={<Boot />}>
      <QueryClientProvider client={queryClient}>
        <NuqsAdapter>
          <TooltipProvider>
            <ToastProvider>
              <Gate />
            </ToastProvider>
          </TooltipProvider>
        </NuqsAdapter>
      </QueryClientProvider>
    </LanguageProvider>
  )
}
