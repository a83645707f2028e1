import { expect, it } from 'vitest'
import { strengthOf } from './strength.ts'

it.each([
  ['', 'weak'],
  ['short-9', 'weak'],
  ['aaaaaaaaaaaaaaaaaaaa', 'weak'],
  ['12345678901234', 'weak'],
  ['abababababababab', 'weak'],
  ['sundaymorning', 'fair'],
  ['harbor lamp seven', 'strong'],
  ['正确的马电池订书钉一二', 'strong'],
])('%s is %s', (password, strength) => {
  expect(strengthOf(password)).toBe(strength)
})
