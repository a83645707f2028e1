/** `fact` is a stable key that the page has a name for; `command` is what one types in a root shell of that host. */
export type ByHand = { fact: string; command: string }
