import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from './cn.ts'
import { IconButton } from './IconButton.tsx'
import { LayerContext } from './layer.ts'
import { useFocusBack } from './useFocusBack.ts'

type Props = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string
  children: ReactNode
  size?: 'small' | 'medium' | 'large'
}

const widths = { small: 'sm:max-w-100', medium: 'sm:max-w-140', large: 'sm:max-w-200' }

/** A modal dialog: focus stays inside, Escape closes, focus returns to where it was. Full screen on a phone. */
export function Dialog({ open, onOpenChange, title, description, children, size = 'medium' }: Props) {
  const t = useTranslations('shell')
  const focus = useFocusBack()
  const [element, setElement] = useState<HTMLElement | null>(null)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          ref={setElement}
          onOpenAutoFocus={(e) => {
            focus.onOpen()
            focusFirstInput(e)
          }}
          onCloseAutoFocus={focus.onClose}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cn(
            'rise fixed inset-x-0 bottom-0 z-40 outline-none mx-auto flex max-h-[92dvh] w-full flex-col rounded-t-xl border border-border bg-raised shadow-3',
            'sm:top-[12dvh] sm:bottom-auto sm:max-h-[76dvh] sm:w-[calc(100%-32px)] sm:rounded-xl',
            widths[size],
          )}
        >
          <header className="flex items-start gap-4 border-border border-b py-3 pr-3 pl-5">
            <div className="min-w-0 flex-1 py-1">
              <Radix.Title className="font-semibold text-md">{title}</Radix.Title>
              {description && <Radix.Description className="text-soft">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label={t('close')} silent />
            </Radix.Close>
          </header>
          <LayerContext.Provider value={element}>
            <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          </LayerContext.Provider>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** What one came to fill in, else the dialog itself: a highlighted close button would be an odd greeting. */
function focusFirstInput(e: Event): void {
  if (!(e.target instanceof HTMLElement)) return
  e.preventDefault()
  const input = e.target.querySelector<HTMLElement>('form input')
  ;(input ?? e.target).focus()
}
