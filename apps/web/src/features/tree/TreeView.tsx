/** The tree twin of the map: under construction. */
export function TreeView() {
  return <div className="h-full" />
}
