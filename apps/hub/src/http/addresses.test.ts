import { describe, expect, it } from 'vitest'
import { addressesOf } from './addresses.ts'

describe('addressesOf', () => {
  it('knows this machine by three names', () => {
    const a = addressesOf({ port: 7117, host: '127.0.0.1', tls: false })
    expect([...a.hosts]).toEqual(['127.0.0.1:7117', 'localhost:7117', '[::1]:7117'])
    expect([...a.origins]).toEqual(['http://127.0.0.1:7117', 'http://localhost:7117', 'http://[::1]:7117'])
    expect(a.url).toBe('http://127.0.0.1:7117')
    expect(a.isSecure('localhost:7117')).toBe(false)
  })
  it('adds the address it listens on, and leaves a default port away', () => {
    const a = addressesOf({ port: 443, host: '192.0.2.7', tls: true })
    expect(a.hosts.has('192.0.2.7')).toBe(true)
    expect(a.url).toBe('https://192.0.2.7')
    expect(a.isSecure('192.0.2.7')).toBe(true)
  })
  it('adds the public origin, behind which TLS may end', () => {
    const a = addressesOf({ port: 7117, host: '0.0.0.0', tls: false, publicOrigin: 'https://net.example.org' })
    expect(a.origins.has('https://net.example.org')).toBe(true)
    expect(a.hosts.has('net.example.org')).toBe(true)
    expect(a.hosts.has('0.0.0.0:7117')).toBe(false)
    expect(a.isSecure('net.example.org')).toBe(true)
    expect(a.isSecure('localhost:7117')).toBe(false)
    expect(a.url).toBe('http://127.0.0.1:7117')
  })
})
