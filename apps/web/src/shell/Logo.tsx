import { cn } from '../ui/cn.ts'

/** The mark: one line that hops from one end to the other. */
export function Logo({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden className={cn('shrink-0', className)}>
      <rect width="24" height="24" rx="6" fill="#1b2330" stroke="var(--border)" strokeWidth="0.5" />
      <path
        d="M5.5 15.5C6.5 9.5 9 9.5 10 13s3.5 4 4.5-.5S17 7 18.5 8.5"
        stroke="#7ea8ff"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
      <circle cx="5.5" cy="15.5" r="1.9" fill="#55c483" />
      <circle cx="18.5" cy="8.5" r="1.9" fill="#e0aa45" />
    </svg>
  )
}
