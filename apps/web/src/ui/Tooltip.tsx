import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'
import { Kbd } from './Kbd.tsx'
import { useLayer } from './layer.ts'

type Props = {
  text: ReactNode
  keys?: string[]
  side?: 'top' | 'bottom' | 'left' | 'right'
  children: ReactNode
  wide?: boolean
}

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={400} skipDelayDuration={200}>
    {children}
  </Radix.Provider>
)

/** A short explanation on hover and focus. The trigger must be one element that takes a ref. */
export function Tooltip({ text, keys, side = 'bottom', wide, children }: Props) {
  const layer = useLayer()
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            'fade z-50 flex items-center gap-2 rounded-md bg-primary px-2 py-1 text-on-primary text-sm shadow-2',
            wide ? 'max-w-80' : 'max-w-60',
          )}
        >
          {text}
          {keys?.map((k) => (
            <Kbd key={k} inverted>
              {k}
            </Kbd>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
