const PREFIX = 'hopscope.'
const memory = new Map<string, string>()

/** A setting of this device, from local storage; undefined when it was never set. */
export function readSetting(name: string): string | undefined {
  const kept = memory.get(name)
  if (kept !== undefined) return kept
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined
  } catch (e) {
    return blocked(e)
  }
}

/** Keeps a setting on this device. Where storage is blocked, it lasts until the page is closed. */
export function writeSetting(name: string, value: string): void {
  memory.set(name, value)
  try {
    localStorage.setItem(PREFIX + name, value)
  } catch (e) {
    blocked(e)
  }
}

let said = false
/** Private windows may refuse storage; everything works without, so one line is enough. */
function blocked(e: unknown): undefined {
  if (!said) console.info('Settings are not kept after this page is closed:', e)
  said = true
  return undefined
}
