/** Codes of the hopscope command; the last three are those of sysexits.h. Documented in --help and docs/cli.md. */
export const EXIT = { ok: 0, failure: 1, usage: 2, unavailable: 69, permission: 77 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const exitCodesHelp = `
Exit codes:
   0  done
   1  failed; the message says why
   2  wrong usage: an unknown command, option or name
  69  unavailable: a program, a kernel feature or the Docker engine is missing
  77  not permitted: run it as root
`

/** Ends the command with a code and a message that names the object and the next step. */
export class CliError extends Error {
  readonly code: ExitCode
  constructor(code: ExitCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CliError'
    this.code = code
  }
}
