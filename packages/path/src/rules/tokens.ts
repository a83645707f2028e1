/** The words of a rule. What stands in quotes is one word, and so are the signs in `alone`. */
export function tokens(text: string, alone = ''): string[] {
  const words: string[] = []
  let word = ''
  let quoted = false
  let open = false
  const end = () => {
    if (open) words.push(word)
    word = ''
    open = false
  }
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (quoted) {
      if (c === '"') quoted = false
      else if (c === '\\' && i + 1 < text.length) word += text.charAt(++i)
      else word += c
    } else if (c === '"') {
      quoted = true
      open = true
    } else if (c === ' ' || c === '\t') end()
    else if (alone.includes(c)) {
      end()
      words.push(c)
    } else {
      word += c
      open = true
    }
  }
  end()
  return words
}
