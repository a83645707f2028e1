import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session } from '../auth/sessions.ts'
import { equalSecrets } from '../auth/tokens.ts'
import { type Addresses, hostOf, type Refusal, refuseHost, refuseOrigin } from '../http/addresses.ts'

/** Who opened a connection: an agent (by the key, never with an Origin) or a page (by its Origin and session). */
export type Admission = { kind: 'agent' } | { kind: 'page'; session: Session }
type AdmissionRefusal =
  | Refusal
  | { status: 400; code: 'BAD_INPUT'; message: string }
  | { status: 401; code: 'UNAUTHENTICATED' | 'AGENT_KEY_WRONG'; message: string }

export type Gate = {
  /** For every request and upgrade: exact Host, and a key or an exact Origin. */
  checkRequest(request: IncomingMessage): AdmissionRefusal | undefined
  /** For the handshake, after that: the session as well. */
  admit(request: IncomingMessage): Promise<Admission | undefined>
}

export type GateOptions = {
  addresses: () => Addresses
  agentKey: string
  /** The session of a request's cookies. */
  sessionOf(request: IncomingMessage): Promise<Session | undefined>
}

export function createGate({ addresses, agentKey, sessionOf }: GateOptions): Gate {
  const isAgent = ({ headers }: IncomingMessage): boolean =>
    headers.origin === undefined && equalSecrets(headers.authorization ?? '', `Bearer ${agentKey}`)

  return {
    checkRequest(request) {
      const { origin, authorization } = request.headers
      const wrongHost = refuseHost(addresses(), hostOf(request))
      if (wrongHost) return wrongHost
      if (isAgent(request)) return refuseKind(request)
      if (origin === undefined && authorization !== undefined)
        return { status: 401, code: 'AGENT_KEY_WRONG', message: "The agent's key is not that of this hub (agent.key)." }
      return refuseOrigin(addresses(), origin) ?? refuseKind(request)
    },
    async admit(request) {
      if (isAgent(request)) return { kind: 'agent' }
      const session = await sessionOf(request)
      // A bootstrap session may set up the first account and see nothing.
      return session?.user ? { kind: 'page', session } : undefined
    },
  }
}

/** Connections are made by WebSocket, and each by a handshake of its own: none goes on with what another one opened. */
function refuseKind({ headers, url }: IncomingMessage): AdmissionRefusal | undefined {
  if (headers.upgrade === undefined)
    return { status: 400, code: 'BAD_INPUT', message: 'Connect by WebSocket; nothing else is spoken here.' }
  if (new URLSearchParams(url?.split('?')[1]).has('sid'))
    return { status: 400, code: 'BAD_INPUT', message: 'Open a new connection; one that is open cannot be taken over.' }
  return undefined
}

/** Answers a refused request, or a refused upgrade, where there is only the bare connection to write to. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: AdmissionRefusal): void {
  const body = JSON.stringify({ code: refusal.code, message: refusal.message })
  const status = `${refusal.status} Refused`
  if (request.headers.upgrade === undefined) {
    response.writeHead(refusal.status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })
    response.end(body)
    return
  }
  const head = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
  const { socket } = request
  // An upgraded connection stays open until both sides end it, and this one need not ever do so.
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
