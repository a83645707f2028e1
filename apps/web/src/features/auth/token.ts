/** Takes the one-time token out of the address (`#token=…`), so that neither the bar nor the history keeps it. */
export function takeToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return token || undefined
}
