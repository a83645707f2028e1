import { describe, expect, it } from 'vitest'
import { allProcesses, commOf, namespaceOf, parentOf, parseNamespaceLink, parseParent } from './processes.ts'

describe('processes', () => {
  it('reads the inode of a namespace link', () => {
    expect(parseNamespaceLink('net:[4026531840]')).toBe(4026531840)
    expect(parseNamespaceLink('pid_for_children:[1]')).toBe(1)
    expect(parseNamespaceLink('/run/netns/x')).toBeUndefined()
    expect(parseNamespaceLink('')).toBeUndefined()
  })

  it('finds the parent behind a name with spaces and parentheses', () => {
    expect(parseParent('12 (sh) S 7 12 12 0')).toBe(7)
    expect(parseParent('12 (a) b) (S 9 c) R 41 12')).toBe(41)
    expect(parseParent('12 (cut')).toBeUndefined()
  })

  it('sees this very process and its parent', () => {
    expect(allProcesses()).toContain(process.pid)
    expect(parentOf(process.pid)).toBe(process.ppid)
    expect(commOf(process.pid)).toBeTypeOf('string')
    expect(namespaceOf(process.pid, 'net')).toBe(namespaceOf('thread-self', 'net'))
  })

  it('says nothing of a process that is not there', () => {
    expect(commOf(4_194_304)).toBeUndefined()
    expect(parentOf(4_194_304)).toBeUndefined()
    expect(namespaceOf(4_194_304, 'net')).toBeUndefined()
  })
})
