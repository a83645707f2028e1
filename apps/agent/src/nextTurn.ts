/** Resolves in the next turn of the event loop: what has come meanwhile goes first. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
