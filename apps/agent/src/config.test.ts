import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { hasCapabilities, prettyName } from './observe/hostInfo.ts'
import { parseCounters } from './observe/legacyCounters.ts'
import { parseSocketLink } from './observe/socketOwners.ts'

describe('readConfig', () => {
  let folder: string | undefined
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true })
    folder = undefined
  })

  it('reads the key that the hub made after the agent started', () => {
    folder = mkdtempSync(join(tmpdir(), 'hopscope-config-'))
    const config = readConfig({ HOPSCOPE_DATA: folder, HOPSCOPE_PORT: '8000' })
    expect(config.findHub()).toBe('http://127.0.0.1:8000')
    expect(config.readKey()).toBeUndefined()
    writeFileSync(config.keyPlace, 'secret\n')
    expect(config.readKey()).toBe('secret')
  })

  it('finds the hub that runs on the same data folder, wherever it listens', () => {
    folder = mkdtempSync(join(tmpdir(), 'hopscope-config-'))
    const config = readConfig({ HOPSCOPE_DATA: folder })
    expect(config.findHub()).toBe('http://127.0.0.1:7117')
    writeFileSync(join(folder, 'hub.json'), '')
    expect(config.findHub()).toBe('http://127.0.0.1:7117')
    writeFileSync(join(folder, 'hub.json'), '{"pid":1,"url":"https://127.0.0.1:4711","version":"0.1.0"}\n')
    expect(config.findHub()).toBe('https://127.0.0.1:4711')
    const told = readConfig({ HOPSCOPE_DATA: folder, HOPSCOPE_HUB_URL: 'http://hub.example:1' })
    expect(told.findHub()).toBe('http://hub.example:1')
  })

  it('takes the key itself before any file, and another place of Docker', () => {
    const config = readConfig({ HOPSCOPE_AGENT_KEY: 'k', DOCKER_HOST: 'unix:///x/docker.sock' })
    expect([config.readKey(), config.keyPlace]).toEqual(['k', 'HOPSCOPE_AGENT_KEY'])
    expect(config.dockerSocket).toBe('/x/docker.sock')
  })

  it('names the variable that is wrong', () => {
    expect(() => readConfig({ HOPSCOPE_HUB_URL: 'ftp://x' })).toThrow('HOPSCOPE_HUB_URL')
    expect(() => readConfig({ HOPSCOPE_PORT: 'many' })).toThrow('HOPSCOPE_PORT')
  })
})

describe('what the system tells in text', () => {
  it('knows whether it may look into other namespaces', () => {
    expect(hasCapabilities('Name:\tx\nCapEff:\t000001ffffffffff\n')).toBe(true)
    expect(hasCapabilities('CapEff:\t0000000000001000\n')).toBe(false)
    expect(hasCapabilities('')).toBe(false)
  })

  it('reads the name of a distribution, a socket, and counters', () => {
    expect(prettyName('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe('Debian GNU/Linux 12 (bookworm)')
    expect(parseSocketLink('socket:[4711]')).toBe(4711)
    expect(parseSocketLink('pipe:[4711]')).toBeUndefined()
    const counters = parseCounters(
      '*nat\n:PREROUTING ACCEPT [9:9]\n[1:60] -A PREROUTING -j A\n[2:120] -A PREROUTING -j B\nCOMMIT',
    )
    expect(counters.get('nat PREROUTING 2')).toEqual({ packets: 2, bytes: 120 })
    expect(counters.size).toBe(2)
  })
})
