import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { EngineGone, openPipeline } from './pipeline.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Served = { socketPath: string; connections: () => number; asked: string[] }

/** Answers each request with its own path, or does with it as it is told. */
async function serve(onRequest: (path: string, socket: Socket) => void = answer): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 't-pipeline-'))
  const socketPath = join(folder, 'socket')
  const asked: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    let rest = ''
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const requests = (rest + bytes.toString()).split('\r\n\r\n')
      rest = requests.pop() ?? ''
      for (const request of requests) {
        const path = request.split(' ')[1] ?? ''
        asked.push(path)
        onRequest(path, socket)
      }
    })
  })
  await once(server.listen(socketPath), 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { socketPath, connections: () => sockets.length, asked }
}

function answer(path: string, socket: Socket): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
}

function pipelineTo({ socketPath }: Served): (path: string, timeoutMs?: number) => Promise<string> {
  const pipeline = openPipeline(socketPath)
  closers.push(() => pipeline.close())
  return async (path, timeoutMs = 10_000) => (await pipeline.get(path, timeoutMs)).body.toString()
}

const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)

describe('a pipeline', () => {
  it('asks for all before anything is answered, over one connection that it keeps', async () => {
    const held: (() => void)[] = []
    const served = await serve((path, socket) => {
      held.push(() => answer(path, socket))
      if (held.length === paths.length) for (const go of held.splice(0)) go()
    })
    const get = pipelineTo(served)
    expect(await Promise.all(paths.map((path) => get(path)))).toEqual(paths)
    expect(await Promise.all(paths.map((path) => get(path)))).toEqual(paths)
    expect(served.connections()).toBe(1)
  })

  it('asks again for what a server owes that ends a connection after some answers', async () => {
    const answered = new Map<Socket, number>()
    const served = await serve((path, socket) => {
      const before = answered.get(socket) ?? 0
      answered.set(socket, before + 1)
      if (before < 6) answer(path, socket)
      else socket.end()
    })
    const get = pipelineTo(served)
    expect(await Promise.all(paths.map((path) => get(path)))).toEqual(paths)
    expect(served.connections()).toBe(4)
  })

  it('gives up a server that answers nothing', async () => {
    const get = pipelineTo(await serve((_path, socket) => socket.end()))
    const results = await Promise.allSettled(paths.map((path) => get(path)))
    for (const result of results) expect(result).toMatchObject({ status: 'rejected' })
  })

  it('rejects all that waits when nothing comes in time, or no answer, and goes on with a new connection', async () => {
    const served = await serve((path, socket) => {
      if (path === '/odd') socket.write('what?\r\n\r\n')
      // What stands behind one that gets no answer gets none either.
      else if (path === '/next') answer(path, socket)
    })
    const get = pipelineTo(served)
    for (const path of ['/silent', '/odd']) {
      const results = await Promise.allSettled([get(path, 50), get('/behind', 50)])
      for (const result of results) expect(result).toMatchObject({ status: 'rejected' })
    }
    expect(await get('/next')).toBe('/next')
    expect(served.connections()).toBe(3)
  })

  it('lets nothing wait, and asks for nothing, once it is closed', async () => {
    const served = await serve(() => undefined)
    const pipeline = openPipeline(served.socketPath)
    const waits = expect(pipeline.get('/one', 10_000)).rejects.toThrow(EngineGone)
    pipeline.close()
    await waits
    await expect(pipeline.get('/two', 10_000)).rejects.toThrow(EngineGone)
  })

  it('throws the error of a socket where nobody listens', async () => {
    const pipeline = openPipeline('/nowhere/socket')
    await expect(pipeline.get('/', 10_000)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
