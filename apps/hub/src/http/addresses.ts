import type { IncomingMessage } from 'node:http'

/** Under which names browsers may reach this hub: whatever else a Host or Origin header says is refused. */
export type Addresses = {
  hosts: ReadonlySet<string>
  origins: ReadonlySet<string>
  /** Where a browser on this machine finds the hub. */
  url: string
  /** Whether a browser that names this host came over TLS, ours or that of a proxy at the public origin. */
  isSecure(host: string | undefined): boolean
}

/** Compared exactly, so that a name with a trailing dot, another port or a name that was rebound to us does not pass. */
export function addressesOf(o: { port: number; host: string; tls: boolean; publicOrigin?: string }): Addresses {
  const scheme = o.tls ? 'https' : 'http'
  const names = ['127.0.0.1', 'localhost', '[::1]']
  const wildcard = o.host === '0.0.0.0' || o.host === '::'
  const own = o.host.includes(':') ? `[${o.host}]` : o.host
  if (!wildcard && !names.includes(own)) names.push(own)
  // URL leaves a scheme's default port away, as browsers do in both headers.
  const urls = names.map((name) => new URL(`${scheme}://${name}:${o.port}`))
  const publicUrl = o.publicOrigin ? new URL(o.publicOrigin) : undefined
  const all = publicUrl ? [...urls, publicUrl] : urls
  const local = names.includes(own) && !wildcard ? own : '127.0.0.1'
  return {
    hosts: new Set(all.map((url) => url.host)),
    origins: new Set(all.map((url) => url.origin)),
    url: new URL(`${scheme}://${local}:${o.port}`).origin,
    isSecure: (host) => o.tls || (publicUrl?.protocol === 'https:' && publicUrl.host === host),
  }
}

export type Refusal = { status: number; code: 'HOST_REFUSED' | 'ORIGIN_REFUSED'; message: string }

/**
 * The one host that a request names, undefined when it names none or several. A whole URL as the target is how one speaks to
 * a proxy; its host would count, and the header would not. Of two headers, each side might read another one.
 */
export function hostOf({ url, headersDistinct }: IncomingMessage): string | undefined {
  const [host, ...more] = headersDistinct.host ?? []
  return url?.startsWith('/') && more.length === 0 ? host : undefined
}

/** Why a request is refused by its Host header, if it is. */
export function refuseHost(a: Addresses, host: string | undefined): Refusal | undefined {
  if (host !== undefined && a.hosts.has(host)) return undefined
  const message = `This hub does not answer to the host "${host ?? ''}". Use ${a.url}, or set HOPSCOPE_PUBLIC_ORIGIN.`
  return { status: 421, code: 'HOST_REFUSED', message }
}

/** Why a request is refused by its Origin header, if it is. A missing one is refused, too. */
export function refuseOrigin(a: Addresses, origin: string | undefined): Refusal | undefined {
  if (origin !== undefined && a.origins.has(origin)) return undefined
  const message = `Requests from the origin "${origin ?? ''}" are refused. Open the page at ${a.url}.`
  return { status: 403, code: 'ORIGIN_REFUSED', message }
}
