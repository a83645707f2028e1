import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { StartError, type StartErrorCode } from '../startError.ts'

/** Listens and returns the port. Throws StartError when the port is taken or the address is not ours. */
export async function listen(app: FastifyInstance, { host, port }: Config): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw listenError(cause, host, port)
  }
  const address = app.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the hub listens without an address')
  return address.port
}

/** Certificate and key. Throws StartError TLS_FILES when they cannot be read or do not belong together. */
export function readTls({ certFile, keyFile }: { certFile: string; keyFile: string }): { cert: Buffer; key: Buffer } {
  try {
    const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    createSecureContext(files)
    return files
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const next = 'Check HOPSCOPE_TLS_CERT and HOPSCOPE_TLS_KEY.'
    throw new StartError('TLS_FILES', `The TLS files cannot be used (${why}). ${next}`, { cause })
  }
}

function listenError(cause: unknown, host: string, port: number): unknown {
  const failed = (code: StartErrorCode, message: string) => new StartError(code, message, { cause })
  switch (cause instanceof Error && 'code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return failed('PORT_IN_USE', `${host}:${port} is in use. Stop what listens there, or set HOPSCOPE_PORT.`)
    case 'EACCES':
      return failed('CONFIG_WRONG', `This user may not listen at port ${port}. Set HOPSCOPE_PORT to 1024 or more.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return failed('CONFIG_WRONG', `This machine has no address ${host}. Set HOPSCOPE_HOST to one of its own.`)
    default:
      return cause
  }
}
