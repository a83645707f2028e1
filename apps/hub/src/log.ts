import { type Logger, pino } from 'pino'

export type LogOptions = { name: string; level: string; file?: string | undefined }

/**
 * Log lines as JSON, to standard error or to the end of a file. SIGHUP opens the file anew, so that logrotate may move it away
 * (or cut it: lines go where its end is then); without a file SIGHUP does nothing. Throws when the file cannot be opened.
 */
export function openLog({ name, level, file }: LogOptions): Logger {
  const destination = pino.destination(file === undefined ? 2 : { dest: file, append: true, mode: 0o640 })
  // A full disk or a terminal that was closed is no reason to stop working.
  destination.on('error', (error: Error) => {
    if (file !== undefined) process.stderr.write(`The log ${file} cannot be written: ${error.message}\n`)
  })
  process.on('SIGHUP', () => {
    if (file !== undefined) destination.reopen()
  })
  return pino({ name, level }, destination)
}
