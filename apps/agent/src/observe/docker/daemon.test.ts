import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { daemonSettings, findDockerd } from './daemon.ts'
import { EngineGone } from './pipeline.ts'
import { socketIdentity, watchSocket, whyUnreachable } from './socketFile.ts'

const root = mkdtempSync(join(tmpdir(), 't-daemon-'))
const process1 = (...argv: string[]) => ({ pid: 41, argv: ['/usr/bin/dockerd', ...argv] })

beforeAll(() => {
  mkdirSync(join(root, 'proc/41'), { recursive: true })
  mkdirSync(join(root, 'proc/42'))
  mkdirSync(join(root, 'etc/docker'), { recursive: true })
  // Started at second 4,000,000,100 after the epoch: later than any file here was written.
  writeFileSync(join(root, 'proc/stat'), 'cpu 1\nbtime 4000000000\n')
  writeFileSync(join(root, 'proc/41/stat'), `41 (odd ) name) ${'0 '.repeat(19)}10000 0`)
  writeFileSync(join(root, 'proc/41/cmdline'), '/usr/bin/dockerd\0-H\0unix:///run/a.sock\0')
  writeFileSync(join(root, 'proc/42/cmdline'), 'dockerd\0-H\0unix:///run/b.sock\0')
})
afterAll(() => rmSync(root, { recursive: true }))

describe('dockerd', () => {
  it('is found by its name and socket, and only when it can be but one', () => {
    const find = (socket: string, isOurs = (_pid: number) => true) => findDockerd({ root, socket, isOurs })?.pid
    expect(find('/run/b.sock')).toBe(42)
    expect(find('/run/c.sock')).toBeUndefined()
    expect(find('/run/c.sock', (pid) => pid === 41)).toBe(41)
  })
  it('has switches from its arguments, its file, or by default', () => {
    expect(daemonSettings(root, undefined)).toEqual({})
    expect(daemonSettings(root, process1())).toEqual({ userlandProxy: true, iptables: true })
    expect(daemonSettings(root, process1('--userland-proxy=false', '--iptables'))).toEqual({
      userlandProxy: false,
      iptables: true,
    })
    writeFileSync(join(root, 'etc/docker/daemon.json'), '{"iptables": false, "unknown": 1}')
    expect(daemonSettings(root, process1())).toEqual({ userlandProxy: true, iptables: false })
    writeFileSync(join(root, 'other.json'), '{"userland-proxy": false}')
    for (const argv of [['--config-file=/other.json'], ['--config-file', '/other.json']]) {
      expect(daemonSettings(root, process1(...argv))).toEqual({ userlandProxy: false, iptables: true })
    }
  })
  it('says nothing when its file was written after its start, or is broken', () => {
    writeFileSync(join(root, 'proc/42/stat'), `42 (dockerd) ${'0 '.repeat(19)}-399999990000 0`)
    expect(daemonSettings(root, { pid: 42, argv: ['dockerd'] })).toEqual({})
    writeFileSync(join(root, 'other.json'), '{')
    expect(daemonSettings(root, process1('--config-file=/other.json'))).toEqual({})
  })
})

describe('a socket that cannot be reached', () => {
  const fail = (code: string) => Object.assign(new Error(code), { code })
  it.each([
    [fail('EACCES'), 'NO_PERMISSION'],
    [fail('ECONNREFUSED'), 'NOT_RUNNING'],
    [fail('ECONNRESET'), 'NOT_RUNNING'],
    [new EngineGone('bye'), 'NOT_RUNNING'],
    [fail('ENOENT'), 'NOT_INSTALLED'],
    [new Error('odd'), 'FAILED'],
  ])('%s is %s, and named', (error, reason) => {
    expect(whyUnreachable(root, '/run/docker.sock', error)).toMatchObject({ state: 'unavailable', reason })
    expect(whyUnreachable(root, '/run/docker.sock', error).detail).toContain('/run/docker.sock')
  })
  it('is noticed when its file comes', async () => {
    const path = join(root, 'docker.sock')
    expect(socketIdentity(path)).toBeUndefined()
    const noticed = new Promise<void>((resolve) => {
      const watcher = watchSocket(path, () => {
        watcher?.close()
        resolve()
      })
    })
    writeFileSync(join(root, 'another'), '')
    writeFileSync(path, '')
    await noticed
    expect(socketIdentity(path)).toBeDefined()
  })
  it('has no watch without a folder', () => {
    expect(watchSocket(join(root, 'nowhere/docker.sock'), () => undefined)).toBeUndefined()
  })
})
