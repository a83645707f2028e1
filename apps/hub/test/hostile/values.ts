import type { Random } from '@hopscope/testkit/random'

const STRINGS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\ud800',
  '\udfff\ud800x',
  '\u202eevil\u202c',
  '\u001b[31mred\u001b[0m',
  '<script>alert(1)</script>',
  "' OR 1=1 --",
  '../../../etc/passwd',
  '%00%2e%2e',
  '$where',
  '{{7*7}}',
  '🧑‍🚀',
  '\r\nSet-Cookie: a=b',
  'NaN',
  '-0',
  '1e999',
  'x'.repeat(5000),
] as const
const NUMBERS = [0, -0, -1, 1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324, 4294967296] as const
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'hostId',
  'host',
  'id',
  'key',
  'value',
  'name',
  'role',
  'token',
  'password',
  'topics',
  'known',
  'protocol',
  'version',
  'diff',
  'snapshot',
  'json',
  'meta',
  'then',
  'toJSON',
  'length',
  '0',
  '',
] as const

/** JSON text of any shape, with keys that pollute prototypes and strings that end others. As text: objects cannot hold all of it. */
export function hostileJson(random: Random, depth = 0): string {
  const leaf = depth > 3 || random.next() < 0.4
  if (leaf) return hostileLeaf(random)
  const items = random.below(4)
  if (random.next() < 0.35) return `[${Array.from({ length: items }, () => hostileJson(random, depth + 1)).join()}]`
  const member = (): string => `${JSON.stringify(hostileKey(random))}:${hostileJson(random, depth + 1)}`
  return `{${Array.from({ length: items }, member).join()}}`
}

/** Brackets within brackets: what recurses over it runs out of stack. */
export function deepJson(random: Random, levels = random.pick([100, 2000, 10_000])): string {
  return random.next() < 0.5
    ? `${'['.repeat(levels)}${']'.repeat(levels)}`
    : `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
}

export const hostileString = (random: Random): string => random.pick(STRINGS)

const hostileKey = (random: Random): string => (random.next() < 0.8 ? random.pick(KEYS) : hostileString(random))

function hostileLeaf(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return 'null'
    case 1:
      return random.next() < 0.5 ? 'true' : 'false'
    case 2:
    case 3:
      // As the digits stand there: 1e999 is infinite once read.
      return random.next() < 0.1 ? '1e999' : String(random.pick(NUMBERS))
    case 4:
      return '{"_placeholder":true,"num":0}'
    default:
      return JSON.stringify(hostileString(random))
  }
}
