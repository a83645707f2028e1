/** The map of everything: under construction. */
export function MapView() {
  return <div className="h-full" />
}
