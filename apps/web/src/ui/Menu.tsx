import { Check, ChevronRight } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import { type ComponentProps, createContext, type ReactNode, useContext, useRef, useState } from 'react'
import { cn } from './cn.ts'
import { useLayer } from './layer.ts'

const item =
  'flex h-8 cursor-default select-none items-center gap-2 rounded-md px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

const panel =
  'rise z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-lg border border-border bg-raised p-1 shadow-3'

type MenuProps = { trigger: ReactNode; children: ReactNode; align?: 'start' | 'end'; className?: string | undefined }

/** Runs an action once the menu has given the focus back, so that a dialog it opens can give it back in turn. */
const AfterClose = createContext((act: () => void) => act())

/** A menu that opens below its trigger; arrow keys, Home, End and type-ahead move in it. */
export function Menu({ trigger, children, align = 'end', className }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Panel align={align} sideOffset={6} className={className}>
        {children}
      </Panel>
    </Radix.Root>
  )
}

type AtProps = {
  /** On the screen, in CSS pixels. */
  at: { x: number; y: number }
  /** What gets the focus back. */
  opener: HTMLElement
  label: string
  onClose: () => void
  children: ReactNode
}

/** The same menu, open at a point: where the right button was pressed. */
export function MenuAt({ at, opener, label, onClose, children }: AtProps) {
  const [open, setOpen] = useState(true)
  const onClosed = (e: Event) => {
    e.preventDefault()
    if (opener.isConnected) opener.focus({ preventScroll: true })
    onClose()
  }
  return (
    <Radix.Root modal={false} open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>
        <span aria-hidden className="pointer-events-none fixed size-0" style={{ left: at.x, top: at.y }} />
      </Radix.Trigger>
      <Panel
        align="start"
        sideOffset={2}
        aria-labelledby={undefined}
        aria-label={label}
        onCloseAutoFocus={onClosed}
        className="w-72 max-w-[calc(100vw-16px)]"
      >
        {children}
      </Panel>
    </Radix.Root>
  )
}

/** The menu itself; what was chosen in it runs once it is closed. */
function Panel({ className, onCloseAutoFocus, children, ...rest }: ComponentProps<typeof Radix.Content>) {
  const layer = useLayer()
  const chosen = useRef<() => void>(undefined)
  const onClosed = (e: Event) => {
    const act = chosen.current
    chosen.current = undefined
    onCloseAutoFocus?.(e)
    // The trigger takes the focus as soon as this handler has returned.
    if (act) queueMicrotask(act)
  }
  return (
    <Radix.Portal container={layer}>
      <Radix.Content collisionPadding={8} {...rest} onCloseAutoFocus={onClosed} className={cn(panel, className)}>
        <AfterClose.Provider
          value={(act) => {
            chosen.current = act
          }}
        >
          {children}
        </AfterClose.Provider>
      </Radix.Content>
    </Radix.Portal>
  )
}

/** A menu within a menu. */
export function MenuSub({ label, children }: { label: ReactNode; children: ReactNode }) {
  const layer = useLayer()
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={cn(item, 'data-[state=open]:bg-hover')}>
        {label}
        <ChevronRight size={14} aria-hidden className="ml-auto text-faint" />
      </Radix.SubTrigger>
      <Radix.Portal container={layer}>
        <Radix.SubContent sideOffset={4} collisionPadding={8} className={cn(panel, 'w-64 max-w-[calc(100vw-16px)]')}>
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  )
}

type ItemProps = ComponentProps<typeof Radix.Item> & {
  /** It says something and does nothing: it can be gone to, so that it is read, and the menu stays open. */
  idle?: boolean
}

export function MenuItem({ className, onSelect, idle = false, ...rest }: ItemProps) {
  const afterClose = useContext(AfterClose)
  const choose = (e: Event) => (idle ? e.preventDefault() : afterClose(() => onSelect?.(e)))
  return (
    <Radix.Item className={cn(item, className)} {...(idle && { 'aria-disabled': true })} onSelect={choose} {...rest} />
  )
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 pt-2 pb-1 text-faint text-xs">{children}</Radix.Label>
)

export const MenuSeparator = () => <Radix.Separator className="-mx-1 my-1 h-px bg-border" />

type ChoiceProps<T extends string> = {
  label: string
  value: T
  onChange: (value: T) => void
  options: { value: T; label: ReactNode; icon?: ReactNode; lang?: string }[]
}

/** One of several, marked by a tick. */
export function MenuChoice<T extends string>({ label, value, onChange, options }: ChoiceProps<T>) {
  return (
    // Radix hands back one of the values given to the items below.
    <Radix.RadioGroup value={value} onValueChange={(v) => onChange(v as T)}>
      <MenuLabel>{label}</MenuLabel>
      {options.map((o) => (
        <Radix.RadioItem key={o.value} value={o.value} lang={o.lang} className={item}>
          {o.icon}
          <span className="flex-1">{o.label}</span>
          <Radix.ItemIndicator>
            <Check size={14} aria-hidden />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

type CheckProps = { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }

/** On or off; the menu stays open, so that several can be set. */
export function MenuCheck({ checked, onChange, children }: CheckProps) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(e) => e.preventDefault()}
      className={cn(item, 'h-auto min-h-8 py-1')}
    >
      <span
        className={cn(
          'flex size-4 shrink-0 items-center justify-center rounded-sm border',
          checked ? 'border-primary bg-primary text-on-primary' : 'border-border-strong',
        )}
      >
        {checked && <Check size={12} strokeWidth={3} aria-hidden />}
      </span>
      {children}
    </Radix.CheckboxItem>
  )
}
