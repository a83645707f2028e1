export const MIN_PASSWORD = 10

export const STRENGTHS = ['weak', 'fair', 'good', 'strong'] as const
export type Strength = (typeof STRENGTHS)[number]

/** A rough judgement of a password: how many different characters it has out of how large a set. A hint, not a rule. */
export function strengthOf(password: string): Strength {
  const bits = surprising(password) * Math.log2(alphabet(password))
  if (password.length < MIN_PASSWORD || bits < 45) return 'weak'
  if (bits < 66) return 'fair'
  return bits < 84 ? 'good' : 'strong'
}

/** Characters that neither repeat the one before nor follow it in a row (aaaa, 1234, abcd). */
function surprising(password: string): number {
  const codes = [...password].map((c) => c.codePointAt(0) ?? 0)
  const fresh = codes.filter((c, i) => i === 0 || Math.abs(c - (codes[i - 1] ?? 0)) > 1).length
  // A few characters over and over are worth little more than themselves.
  return Math.min(fresh, 2.5 * new Set(codes).size)
}

function alphabet(password: string): number {
  const sets: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/\d/, 10],
    [/[ -/:-@[-`{-~]/, 33],
    [/[^ -~]/, 500],
  ]
  return sets.reduce((n, [set, size]) => n + (set.test(password) ? size : 0), 0) || 1
}
