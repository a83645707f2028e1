import { cn } from './cn.ts'

/** The place of something that is still coming, in its size. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={cn('pulse-soft block rounded-md bg-active', className)} />
)
