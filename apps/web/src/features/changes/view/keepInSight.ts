/** A ref for what scrolls and is made smaller by what stands below it: the input that has the focus stays in sight. */
export function keepInSight(scroller: HTMLElement | null): (() => void) | undefined {
  if (scroller === null) return undefined
  const sizes = new ResizeObserver(() => {
    const at = document.activeElement
    if (at && scroller.contains(at)) at.scrollIntoView({ block: 'nearest' })
  })
  sizes.observe(scroller)
  return () => sizes.disconnect()
}
