import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { tarArchive } from './tar.ts'

describe('tarArchive', () => {
  it('is read by tar with the same names, modes, targets and bytes', () => {
    const archive = tarArchive([
      { kind: 'folder', path: 'bin', mode: 0o755 },
      { kind: 'file', path: 'bin/tool', mode: 0o750, data: Buffer.from('x'.repeat(513)) },
      { kind: 'link', path: 'bin/name', mode: 0o777, to: '/bin/tool' },
    ])
    const listed = execFileSync('tar', ['-tvf', '-', '--numeric-owner'], { input: archive, encoding: 'utf8' })
    const lines = listed
      .trim()
      .split('\n')
      .map((line) => line.replace(/ 1970-\S+ \S+/, '').replace(/ +/g, ' '))
    expect(lines).toEqual([
      'drwxr-xr-x 0/0 0 bin/',
      '-rwxr-x--- 0/0 513 bin/tool',
      'lrwxrwxrwx 0/0 0 bin/name -> /bin/tool',
    ])
    expect(execFileSync('tar', ['-xOf', '-', 'bin/tool'], { input: archive, encoding: 'utf8' })).toBe('x'.repeat(513))
  })

  it('refuses a path that a ustar header cannot hold', () => {
    expect(() => tarArchive([{ kind: 'folder', path: 'a'.repeat(100), mode: 0o755 }])).toThrow(RangeError)
  })
})
