import { describe, expect, it } from 'vitest'
import { foldersOf } from './folders.ts'
import { hostSpecs } from './options.ts'

describe('hostSpecs', () => {
  it('names hosts after the sandbox, and gives each its own setting for Docker or the common one', () => {
    const hosts = [{}, { name: 'edge', docker: false }, { docker: { icc: false } }]
    expect(hostSpecs({ name: 'demo', hosts })).toEqual([
      { name: 'demo-1', docker: true },
      { name: 'edge', docker: false },
      { name: 'demo-3', docker: { icc: false } },
    ])
    expect(hostSpecs({ name: 'demo', hosts: 2, docker: false }).map((host) => host.docker)).toEqual([false, false])
  })

  it.each([
    { name: 'demo', hosts: 0 },
    { name: 'demo', hosts: 54 },
    { name: 'demo', subnet: '192.168.66.0/24' },
    { name: 'demo', subnet: '192.168.66\nlink' },
    { name: 'demo', wires: ['ens33'] },
    { name: 'demo', wires: ['eth0 up'] },
  ])('refuses %o', (options) => {
    expect(() => hostSpecs(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})

describe('foldersOf', () => {
  it.each(['', '.', '../up', 'Demo', '1st', 'a/b', 'a b', 'a'.repeat(32)])('refuses the name %j', (name) => {
    expect(() => foldersOf(name)).toThrow(expect.objectContaining({ code: 'BAD_NAME' }))
  })
})
