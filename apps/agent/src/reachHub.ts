import { PROTOCOL_VERSION } from '@hopscope/protocol'

/** Where the hub is now, and its key; `problem` says in words what hinders. */
export function lookUp(
  findHub: () => string,
  readKey: () => string | undefined,
): { url: string; key: string | undefined } | { problem: string } {
  try {
    return { url: findHub(), key: readKey() }
  } catch (error) {
    // A file that cannot be read, or holds something else: said, and tried again, as everything here.
    return { problem: `cannot look up the hub or its key: ${error instanceof Error ? error.message : String(error)}` }
  }
}

type Attempt = { url: string; keyPlace: string; hasKey: boolean }

/** Why the hub does not have us, and what to do. */
export function whyNot(error: Error, { url, keyPlace, hasKey }: Attempt): string {
  // A refused upgrade has its status in the error below; a refused handshake has a code as its message.
  const below = 'description' in error && error.description
  const detail = typeof below === 'object' && below && 'message' in below ? String(below.message) : error.message
  if (error.message === 'PROTOCOL_MISMATCH')
    return `the hub at ${url} speaks another version of the protocol than ${PROTOCOL_VERSION}: update the older of the two`
  if (error.message === 'AGENT_KEY_WRONG' || / 401$/.test(detail)) {
    const ours = hasKey ? `the key of ${keyPlace}` : `us without a key (none at ${keyPlace})`
    return `the hub at ${url} refuses ${ours}: use the agent.key of that hub's data folder`
  }
  return `cannot reach the hub at ${url}: ${detail}`
}
