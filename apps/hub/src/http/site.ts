import { readFile, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { contentSecurityPolicy } from './csp.ts'

type Page = { html: string; policy: string; modified: number }

/** Serves the exported page: `/login` is login.html, unknown paths are 404.html, built assets never expire. */
export async function site(app: FastifyInstance, { folder }: { folder: string }): Promise<void> {
  const root = resolve(folder)
  const pages = new Map<string, Page>()
  await app.register(fastifyStatic, { root, serve: false, cacheControl: false, index: false, dotfiles: 'ignore' })

  /** A page with the policy of its scripts. Read again when the file changes: a rebuilt page has other hashes. */
  async function page(file: string): Promise<Page | undefined> {
    const found = await stat(file).catch(absent)
    if (!found?.isFile()) return undefined
    const known = pages.get(file)
    if (known?.modified === found.mtimeMs) return known
    const html = await readFile(file, 'utf8')
    const fresh = { html, policy: contentSecurityPolicy(html), modified: found.mtimeMs }
    pages.set(file, fresh)
    return fresh
  }

  async function notFound(reply: FastifyReply): Promise<FastifyReply> {
    const missing = await page(join(root, '404.html'))
    if (missing) return sendPage(reply.code(404), missing)
    const built = (await stat(root).catch(absent)) !== undefined
    const text = built ? 'Not found.' : `The page is not built: ${root} does not exist. Run "npm run build".`
    return reply
      .code(built ? 404 : 503)
      .type('text/plain; charset=utf-8')
      .send(`${text}\n`)
  }

  app.get('/*', async (request, reply) => {
    const path = pathOf(request.url)
    const asked = path === undefined ? undefined : resolve(root, `.${path}`)
    // `..` and NUL do not lead out of the folder, and never to a file that was not exported.
    if (path === undefined || asked === undefined || !(asked === root || asked.startsWith(root + sep)))
      return notFound(reply)
    for (const file of asked === root
      ? [join(root, 'index.html')]
      : [asked, `${asked}.html`, join(asked, 'index.html')]) {
      if (!file.endsWith('.html')) continue
      const found = await page(file)
      if (found) return sendPage(reply, found)
    }
    const asset = await stat(asked).catch(absent)
    if (!asset?.isFile()) return notFound(reply)
    const immutable = path.startsWith('/_next/static/')
    reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    return reply.sendFile(path.slice(1))
  })
}

function sendPage(reply: FastifyReply, { html, policy }: Page): FastifyReply {
  reply.header('content-security-policy', policy).header('cache-control', 'no-store')
  return reply.type('text/html; charset=utf-8').send(html)
}

/** The decoded path of a request; undefined when it cannot be one of a file. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?')[0] ?? '')
    return path.startsWith('/') && !path.includes('\0') ? path : undefined
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** For `stat`: a file that is not there is an answer, anything else is an error. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return undefined
  throw error
}
