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

type SheetProps = Omit<Props, 'open' | 'size'>

const widths = { small: 'sm:max-w-100', medium: 'sm:max-w-140', large: 'sm:max-w-200' }

/**
 * A dialog beside what it is about, which stays in sight and in use: at the right, on a phone below. Escape closes it, a click
 * elsewhere does not.
 */
export function Sheet({ onOpenChange, title, description, children }: SheetProps) {
  const { element, focusing } = useContent(description)
  return (
    <Radix.Root open modal={false} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Content
          data-sheet
          onInteractOutside={(e) => e.preventDefault()}
          {...focusing}
          className={cn(
            'rise fixed inset-x-0 bottom-0 z-40 flex max-h-[64dvh] flex-col rounded-t-xl border border-border bg-raised shadow-3 outline-none',
            'md:inset-x-auto md:top-(--header-height) md:right-0 md:bottom-0 md:max-h-none md:w-104 md:rounded-t-none md:border-y-0 md:border-r-0',
          )}
        >
          <Head title={title} description={description} />
          <LayerContext.Provider value={element}>
            <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
          </LayerContext.Provider>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A modal dialog: focus stays inside, Escape closes, focus returns to where it was. Full screen on a phone. */
export function Dialog({ open, onOpenChange, title, description, children, size = 'medium' }: Props) {
  const { element, focusing } = useContent(description)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...focusing}
          className={cn(
            'rise fixed inset-x-0 bottom-0 z-40 outline-none mx-auto flex max-h-[92dvh] w-full flex-col rounded-t-xl border border-border bg-raised shadow-3',
            'sm:top-[12dvh] sm:bottom-auto sm:max-h-[76dvh] sm:w-[calc(100%-32px)] sm:rounded-xl',
            widths[size],
          )}
        >
          <Head title={title} description={description} />
          <LayerContext.Provider value={element}>
            <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          </LayerContext.Provider>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** What the content of any dialog does with the focus; `element`: where what floats in it is put. */
function useContent(description: string | undefined) {
  const focus = useFocusBack()
  const [element, setElement] = useState<HTMLElement | null>(null)
  const focusing = {
    ref: setElement,
    onOpenAutoFocus: (e: Event) => {
      focus.onOpen()
      focusFirstInput(e)
    },
    onCloseAutoFocus: focus.onClose,
    ...(description ? {} : { 'aria-describedby': undefined }),
  }
  return { element, focusing }
}

function Head({ title, description }: { title: string; description: string | undefined }) {
  const t = useTranslations('shell')
  return (
    <div className="flex items-start gap-4 border-border border-b py-3 pr-3 pl-5">
      <div className="min-w-0 flex-1 py-1">
        <Radix.Title className="font-semibold text-md">{title}</Radix.Title>
        {description && <Radix.Description className="text-soft">{description}</Radix.Description>}
      </div>
      <Radix.Close asChild>
        <IconButton icon={X} label={t('close')} silent className="print:hidden" />
      </Radix.Close>
    </div>
  )
}

/** What one came to fill in, else the dialog itself: a highlighted close button would be an odd greeting. */
function focusFirstInput(e: Event): void {
  if (!(e.target instanceof HTMLElement)) return
  e.preventDefault()
  const input = e.target.querySelector<HTMLElement>('form input')
  ;(input ?? e.target).focus()
}
