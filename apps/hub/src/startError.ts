/** Why a hub could not start, and the exit code that says so to scripts. */
export const EXIT_CODES = {
  UNEXPECTED: 1,
  CONFIG_WRONG: 2,
  PORT_IN_USE: 3,
  DATA_FOLDER: 4,
  DATABASE: 5,
  TLS_FILES: 6,
  AUDIT: 7,
} as const
export type StartErrorCode = keyof typeof EXIT_CODES

/** One sentence that names the object and the next step; shown as it is, without a stack. */
export class StartError extends Error {
  readonly code: StartErrorCode

  constructor(code: StartErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StartError'
    this.code = code
  }
}
