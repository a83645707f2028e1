/** Adds to the list that a key has, which begins with this value where there is none. */
export function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}
