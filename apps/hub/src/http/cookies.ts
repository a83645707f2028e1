import type { CookieSerializeOptions } from '@fastify/cookie'

// The prefix binds the cookie to this host and to TLS; browsers refuse it over plain HTTP.
const name = (secure: boolean): string => (secure ? '__Host-hopscope_session' : 'hopscope_session')

/** The session's token among the cookies of a request. */
export const sessionToken = (cookies: Record<string, string | undefined>, secure: boolean): string | undefined =>
  cookies[name(secure)]

/** Name and attributes of the session's cookie. It lasts as long as the longest session; the hub decides earlier. */
export function sessionCookie(secure: boolean): { name: string; options: CookieSerializeOptions } {
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure, maxAge: 30 * 24 * 60 * 60 } as const
  return { name: name(secure), options }
}
