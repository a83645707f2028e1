import type { Writable } from 'node:stream'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Where a command writes: data to `out`, messages to `err`. */
export type Terminal = {
  out: (text: string) => void
  /** Whether standard output is read by a person: tables may then use colour. */
  paint: Paint
  err: (text: string) => void
  /** Resolves when the reader closed standard output (`| head`). */
  closed: Promise<void>
  /** Resolves when everything written has left the process. */
  flushed: () => Promise<void>
}

type Streams = {
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable
  /** NO_COLOR or TERM=dumb. */
  plain: boolean
}

export function openTerminal({ stdout, stderr, plain }: Streams): Terminal {
  let gone = false
  const closed = new Promise<void>((resolve) => {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!isClosed(error)) throw error
      gone = true
      resolve()
    })
  })
  // A sandbox that is being removed is removed, whether or not anybody still reads how it goes.
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isClosed(error)) throw error
  })
  return {
    out: (text) => void (gone || stdout.write(text)),
    err: (text) => void stderr.write(text),
    paint: stdout.isTTY && !plain ? colour : (_style, text) => text,
    closed,
    flushed: () => (gone ? closed : Promise.race([closed, drained(stdout)])),
  }
}

/** The reader of a pipe went away, or the terminal was closed. */
const isClosed = ({ code }: NodeJS.ErrnoException): boolean => code === 'EPIPE' || code === 'EIO'

const codes: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

const colour: Paint = (style, text) => {
  const [on, off] = codes[style]
  return `\u001b[${on}m${text}\u001b[${off}m`
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
