import { Logo } from './Logo.tsx'

/** What is there before the first word: the mark, where it stays still. */
export function Boot() {
  return (
    <div className="flex h-dvh items-center justify-center" aria-busy>
      <Logo size={40} className="pulse-soft" />
    </div>
  )
}
