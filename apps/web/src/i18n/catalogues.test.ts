import { parse } from '@formatjs/icu-messageformat-parser'
import { RECORD_KINDS } from '@hopscope/model'
import { ERROR_CODES } from '@hopscope/protocol'
import { describe, expect, it } from 'vitest'
import en from './en/index.ts'
import zh from './zh-CN/index.ts'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, path = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key
    if (typeof value === 'string') out.set(here, value)
    else for (const [k, v] of flat(value, here)) out.set(k, v)
  }
  return out
}

/** Names of a message's arguments, whatever their nesting. */
function argumentsOf(message: string): string[] {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const v of value) walk(v)
    else if (typeof value === 'object' && value !== null) {
      const node = value as { type?: number; value?: unknown } // an element of the parsed message
      if (typeof node.type === 'number' && node.type > 0 && node.type < 8 && typeof node.value === 'string') {
        names.add(node.value)
      }
      for (const v of Object.values(value)) walk(v)
    }
  }
  walk(parse(message, { captureLocation: false }))
  return [...names].sort()
}

describe('catalogues', () => {
  const english = flat(en)
  const chinese = flat(zh)

  it('[L1] have the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })
  it('[L2] are valid ICU messages with the same arguments', () => {
    for (const [key, text] of english) {
      expect({ key, args: argumentsOf(chinese.get(key) ?? '') }).toEqual({ key, args: argumentsOf(text) })
    }
  })
  it('[L3] leave no message empty', () => {
    for (const [key, text] of [...english, ...chinese])
      expect({ key, empty: text.trim() === '' }).toEqual({ key, empty: false })
  })
  it('[L4] name every error and every kind of record', () => {
    for (const code of ERROR_CODES) expect(english.has(`errors.${code}`)).toBe(true)
    for (const kind of RECORD_KINDS) expect(english.has(`kinds.record.${kind}`)).toBe(true)
  })
})
