/** Does something in the next turn of the event loop: what was read in this one may have been work enough. */
export function inNextTurn(act: () => void): void {
  // The first immediate comes at the end of this turn.
  setImmediate(() => setImmediate(act))
}
