import { readFileSync } from 'node:fs'

/** The arguments before a program whose every started program is to be written into `file`, hexadecimal, so that nothing can be mistaken. */
export const straced = (file: string): string[] => [
  ...['strace', '-f', '-qq', '-xx', '-s', '100000', '-e', 'trace=execve,execveat', '-e', 'abbrev=none'],
  ...['-e', 'signal=none', '-o', file],
]

/** What was started since `from` (a length of the file), and the length now. */
export function startedSince(file: string, from: number): { argvs: string[][]; length: number } {
  const text = readFileSync(file, 'latin1')
  const argvs = text
    .slice(from)
    .split('\n')
    .flatMap((line) => {
      const [, list] = /^\d+ +execve(?:at)?\(.*?"(?:[^"]*)", (\[.*?\]), .* = 0$/.exec(line) ?? []
      return list === undefined ? [] : [wordsOf(list)]
    })
  return { argvs, length: text.length }
}

function wordsOf(list: string): string[] {
  return [...list.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('utf8'),
  )
}
