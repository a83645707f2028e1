import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { listNetnsFiles, type NetnsFile, type NetnsListing } from './netnsFiles.ts'

describe('a young file without a namespace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-netns-'))
  const path = join(folder, 'key')
  writeFileSync(path, '')
  const now = statSync(path).ctimeMs
  afterAll(() => rmSync(folder, { recursive: true }))
  const look = (by: NetnsFile['by'], before?: NetnsListing) => listNetnsFiles(now, before, [{ folder, by }])
  const held = (by: NetnsFile['by']): NetnsListing => ({
    files: [{ name: 'key', path, by, inode: 1 }],
    left: new Set(),
    unfinished: false,
  })

  it('is one that a namespace may yet be mounted on', () => {
    expect(look('docker')).toMatchObject({ files: [], unfinished: true })
    expect(listNetnsFiles(now + 60_000, undefined, [{ folder, by: 'docker' }]).unfinished).toBe(false)
  })

  it('is left over where Docker had one there, at every later look', () => {
    const after = look('docker', held('docker'))
    expect(after).toEqual({ files: [], left: new Set([path]), unfinished: false })
    expect(look('docker', after)).toEqual(after)
  })

  it('is awaited again under a name of "ip netns", which may come again', () => {
    expect(look('iproute2', held('iproute2')).unfinished).toBe(true)
  })
})
