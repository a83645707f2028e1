/** The next signal that asks this process to end, until it is forgotten. */
export function nextSignal() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let act: (signal: NodeJS.Signals) => void = () => undefined
  let hasCome = false
  const came = new Promise<NodeJS.Signals>((resolve) => {
    act = (signal) => {
      hasCome = true
      resolve(signal)
    }
  })
  for (const signal of signals) process.once(signal, act)
  const forget = () => {
    for (const signal of signals) process.off(signal, act)
  }
  return { came, hasCome: () => hasCome, forget }
}
