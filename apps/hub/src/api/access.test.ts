import { describe, expect, it } from 'vitest'
import { account, newToken, setUp, withHub } from '../../test/withHub.ts'
import { ROLES } from '../auth/roles.ts'
import { appRouter } from './router.ts'
import type { Access } from './trpc.ts'

// What the router says of itself, so that a new procedure cannot be forgotten here.
// At run time they lie flat, by path; the type keeps them nested.
const flat = appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { access?: Access } } }>
const procedures = Object.entries(flat).map(([path, procedure]) => ({ path, access: procedure._def.meta?.access }))

describe('access', () => {
  it('every procedure has a class', () => {
    expect(procedures.length).toBeGreaterThanOrEqual(17)
    expect(procedures.filter((p) => p.access === undefined)).toEqual([])
  })
  it('only these are open to everybody', () => {
    const open = procedures.filter((p) => p.access === 'public').map((p) => p.path)
    expect(open).toEqual(['auth.state', 'auth.claim', 'auth.login', 'auth.logout'])
  })
  it('each role may call what its class allows, and nothing above', async () => {
    const t = await withHub()
    const bootstrap = (await t.call('auth.claim', { token: await newToken(t) })).cookie
    const admin = await setUp(t)
    const operator = await account(t, admin, 'operator')
    const viewer = await account(t, admin, 'viewer')
    const callers = { nobody: undefined, bootstrap, viewer, operator, admin }
    const roles: readonly string[] = ROLES
    for (const { path, access } of procedures) {
      if (access === 'public') continue
      for (const [caller, cookie] of Object.entries(callers)) {
        // An input that no procedure takes: whoever is let in gets to BAD_INPUT, or to the answer of one without input.
        const { code } = await t.call(path, { nonsense: 1 }, cookie)
        const letIn =
          access === 'bootstrap' ? caller === 'bootstrap' : roles.indexOf(caller) >= roles.indexOf(access ?? '')
        const where = `${caller} calls ${path} (${access}): ${code}`
        if (letIn) expect([undefined, 'BAD_INPUT'], where).toContain(code)
        else expect(['UNAUTHENTICATED', 'FORBIDDEN', 'SETUP_DONE'], where).toContain(code)
      }
    }
  })
})
