/** Deep equality of plain values. Compares thousands of small objects at each change, and makes nothing for it. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, i) => equal(value, b[i]))
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>] // plain objects: the scene has no others
  let more = 0
  for (const key in x) {
    if (!(key in y) || !equal(x[key], y[key])) return false
    more++
  }
  for (const _ in y) more--
  return more === 0
}
