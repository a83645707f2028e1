/** The words of a rule as iptables-save prints it, without the "-A CHAIN" before them. */
export function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'),
  )
  return words[0] === '-A' ? words.slice(2) : words
}

/**
 * Whether two rules are the same to iptables: the order of their options does not count, and some words are said or not,
 * as the back end and its version like it.
 */
export const isSameRule = (a: readonly string[], b: readonly string[]): boolean => plain(a) === plain(b)

function plain(words: readonly string[]): string {
  const options: string[][] = []
  for (const word of words) {
    const last = options.at(-1)
    if (word === '!' || (word.startsWith('-') && !/^!( !)*$/.test(last?.join(' ') ?? '') && word !== '-'))
      options.push([word])
    else if (last) last.push(word)
  }
  return options
    .filter(([name]) => name !== '-m')
    .map((option) => option.map(plainWord).join(' '))
    .filter((option) => !/^--reject-with icmp6?-port-unreachable$/.test(option))
    .sort()
    .join('\n')
}

/** An address alone is a network of one; lists of states have no order. */
function plainWord(word: string): string {
  if (/^[A-Z]+(,[A-Z]+)+$/.test(word)) return word.split(',').sort().join(',')
  return word.replace(/^([\d.]+)\/32$|^([\da-f:]+)\/128$/, '$1$2')
}
