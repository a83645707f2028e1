import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

type Cost = { N: number; r: number; p: number }
const derive = promisify<string, Buffer, number, Cost & { maxmem: number }, Buffer>(scrypt)

const COST: Cost = { N: 2 ** 15, r: 8, p: 1 }
const KEY_BYTES = 32

/** The password's hash with all that is needed to check it later: `scrypt$N$r$p$salt$hash`. About 0.1 s and 32 MiB. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await run(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Whether the password made this hash. Takes the same time when there is no hash to compare with. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const { cost, salt, key } = parse(stored ?? NOBODY)
  const given = await run(password, salt, cost)
  return timingSafeEqual(given, key) && stored !== undefined
}

// The cost of today and a key that no password is known to make: an unknown name is checked as slowly as a known one.
const NOBODY = ['scrypt', COST.N, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', 'A'.repeat(43)].join('$')

function parse(stored: string): { cost: Cost; salt: Buffer; key: Buffer } {
  const [kind, N, r, p, salt, key] = stored.split('$')
  if (kind !== 'scrypt' || !salt || !key) throw new Error('a stored password hash is not of the kind scrypt')
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}

const run = (password: string, salt: Buffer, cost: Cost): Promise<Buffer> =>
  derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r })
