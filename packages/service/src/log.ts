import { closeSync, openSync, writeSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'

export type LogOptions = { name: string; level: string; file?: string | undefined }

/**
 * Log lines as JSON, to standard error or to the end of a file. SIGHUP opens the file anew, so that logrotate may move it away
 * (or cut it: lines go where its end is then); without a file SIGHUP does nothing. Throws when the file cannot be opened.
 */
export function openLog({ name, level, file }: LogOptions): Logger {
  if (file !== undefined) return pino({ name, level }, logFile(file))
  const standardError = pino.destination(2)
  // A terminal that was closed is no reason to stop working, and there is nobody left to tell.
  standardError.on('error', () => undefined)
  process.on('SIGHUP', () => undefined)
  return pino({ name, level }, standardError)
}

function logFile(file: string): DestinationStream {
  const open = () => openSync(file, 'a', 0o640)
  let fd = open()
  let complained = false

  /** A full disk, or a folder that is gone, is no reason to stop working either; it is said once, until all is well again. */
  function attempt(act: () => void): void {
    try {
      act()
      complained = false
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!complained) process.stderr.write(`The log ${file} cannot be written: ${why}\n`)
      complained = true
    }
  }
  process.on('SIGHUP', () =>
    attempt(() => {
      const before = fd
      fd = open()
      closeSync(before)
    }),
  )
  return { write: (line) => attempt(() => void writeSync(fd, line)) }
}
