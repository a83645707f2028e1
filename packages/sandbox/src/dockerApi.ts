import { request } from 'node:http'

export type DockerRequest = {
  socket: string
  method: 'GET' | 'POST'
  path: string
  body?: Buffer
  contentType?: string
  timeoutMs?: number
}

/** One request to a Docker engine over its Unix socket, with the whole answer as text. Rejects when nobody listens. */
export function dockerRequest(options: DockerRequest): Promise<{ status: number; text: string }> {
  const { socket: socketPath, method, path, body, contentType, timeoutMs = 60_000 } = options
  const headers = {
    host: 'docker',
    ...(contentType && { 'content-type': contentType }),
    'content-length': body?.length ?? 0,
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = request({ socketPath, method, path, headers, agent: false, signal }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
