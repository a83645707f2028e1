/** All records in tables: under construction. */
export function TablesView() {
  return <div className="h-full" />
}
