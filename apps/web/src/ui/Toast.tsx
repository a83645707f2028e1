'use client'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { Toast as Radix } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from './cn.ts'
import { IconButton } from './IconButton.tsx'

type Message = { id: number; text: string; bad: boolean }
type Say = (text: string, options?: { bad?: boolean }) => void
const Context = createContext<Say | null>(null)

/** Says something in passing: `toast('Copied')`, `toast('No such user', { bad: true })`. */
export function useToast(): Say {
  const say = useContext(Context)
  if (!say) throw new Error('useToast is called outside of ToastProvider')
  return say
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const t = useTranslations('shell')
  const [messages, setMessages] = useState<Message[]>([])
  const say = useCallback<Say>(
    (text, options) =>
      setMessages((all) => [...all.slice(-2), { id: (all.at(-1)?.id ?? 0) + 1, text, bad: options?.bad ?? false }]),
    [],
  )
  const drop = (id: number) => setMessages((all) => all.filter((m) => m.id !== id))
  return (
    <Context.Provider value={say}>
      <Radix.Provider swipeDirection="right" label={t('dismiss')}>
        {children}
        {messages.map((m) => (
          <Radix.Root
            key={m.id}
            duration={m.bad ? 8_000 : 3_000}
            onOpenChange={(open) => open || drop(m.id)}
            className="rise flex items-center gap-2 rounded-lg border border-border bg-raised py-1.5 pr-1.5 pl-3 shadow-3"
          >
            <Mark bad={m.bad} />
            <Radix.Description className="min-w-0 flex-1">{m.text}</Radix.Description>
            <Radix.Close asChild>
              <IconButton icon={X} label={t('dismiss')} small silent />
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-4 bottom-18 z-50 flex w-80 max-w-[calc(100vw-32px)] flex-col gap-2 outline-none md:bottom-4" />
      </Radix.Provider>
    </Context.Provider>
  )
}

function Mark({ bad }: { bad: boolean }) {
  const Icon = bad ? CircleAlert : CircleCheck
  return <Icon size={16} aria-hidden className={cn('shrink-0', bad ? 'text-danger' : 'text-ok')} />
}
