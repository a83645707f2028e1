/** Why a sandbox could not be made, entered or removed. */
export type SandboxErrorCode =
  | 'BAD_NAME'
  | 'BAD_OPTION'
  | 'COMMAND_FAILED'
  | 'DOCKER_NOT_READY'
  | 'DOCKER_UNAVAILABLE'
  | 'FOLDER_NOT_OURS'
  | 'NAMESPACES_FORBIDDEN'
  | 'NOT_FOUND'
  | 'NOT_REMOVED'
  | 'SANDBOX_EXISTS'
  | 'TOOL_MISSING'
  | 'UNREADABLE'

type Detail = { doing: string; subject?: string; because: string; cause?: unknown }

/** The one error of this package: "doing subject: because", with a closed code to branch on. */
export class SandboxError extends Error {
  readonly code: SandboxErrorCode

  constructor(code: SandboxErrorCode, detail: Detail) {
    super(`${[detail.doing, detail.subject].filter(Boolean).join(' ')}: ${detail.because}`, { cause: detail.cause })
    this.name = 'SandboxError'
    this.code = code
  }
}

/** The errno name of a system error ("ENOENT"), or undefined for any other thrown value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
