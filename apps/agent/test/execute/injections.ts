import type { Random } from '@hopscope/testkit/random'

const PAYLOADS = [
  ...['$(reboot)', '`reboot`', ';reboot', '|reboot', '&&reboot', '||reboot', '>/tmp/x', '<(reboot)', '$IFS', '$PATH'],
  ...['-x', '--help', '-batch', '-n', '--', '-', '--privileged', '-v/:/host', '--pid=host', '-e', '--net=host'],
  ...['\n', '\r\n', '\nreboot', '\t', '\0', '\0reboot', '\u0007', '\u001b[2J', '\u001b]0;x\u0007'],
  ...['\u202e', '\u2066', '\u200f', '\u2028', '\ufeff', '\ud800', 'ｒｅｂｏｏｔ', '￥', '٣'],
  ...["'", '"', '\\', '*', '~', '#', '%s', '%n', '{{.}}', '{{json .}}', '../../etc', '/etc/passwd', '/proc/self/exe'],
  ...[
    '__proto__',
    'constructor',
    'root',
    'name:x',
    'ns:1',
    'container:web',
    'dev',
    'netns',
    'up',
    'type',
    'default',
    'all',
  ],
] as const
const PLAIN = ['', 'a', 'eth0', 'web', '10.5.0.1', '10.5.0.0/24', '02:00:00:00:00:01', '8080:80', ' '] as const

/** So many different words by which somebody may try to run something else than what is shown. */
export function injections(random: Random, count: number): string[] {
  const found = new Set<string>(PAYLOADS)
  found.add('x'.repeat(10_000))
  while (found.size < count) {
    const word = random.pick(PLAIN) + random.pick(PAYLOADS) + random.pick(random.below(2) === 0 ? PLAIN : PAYLOADS)
    found.add(random.below(50) === 0 ? word.padEnd(10_240, word || 'x') : word)
  }
  return [...found]
}

/** The paths of every text in a command. */
export function textsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return [[...path]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => (key === 'do' ? [] : textsOf(one, [...path, key])))
}

/** The command with another text at that path. */
export function withText(command: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text
  const copy: Record<string, unknown> | unknown[] = Array.isArray(command)
    ? [...command]
    : { ...(command as Record<string, unknown>) } // a path leads through objects and lists only
  const inside = copy as Record<string, unknown> // a list takes its places as keys, too
  inside[key] = withText(inside[key], rest, text)
  return copy
}
