import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const data = { HOPSCOPE_DATA: '/var/lib/hopscope' }

describe('readConfig', () => {
  it('listens on this machine only, unless told otherwise', () => {
    expect(readConfig(data)).toMatchObject({ port: 7117, host: '127.0.0.1', insecureBind: false, logLevel: 'info' })
    expect(readConfig({ ...data, HOPSCOPE_PORT: '', HOPSCOPE_TLS_CERT: '' })).toMatchObject({ port: 7117 })
    for (const host of ['localhost', '::1', '127.1.2.3'])
      expect(readConfig({ ...data, HOPSCOPE_HOST: host }).insecureBind, host).toBe(false)
  })
  it('refuses to listen beyond this machine without TLS or the switch', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.evil.test']) {
      const env = { ...data, HOPSCOPE_HOST: host }
      expect(() => readConfig(env), host).toThrow(/HOPSCOPE_INSECURE_BIND=1/)
      expect(readConfig({ ...env, HOPSCOPE_INSECURE_BIND: '1' }).insecureBind, host).toBe(true)
      const tls = { HOPSCOPE_TLS_CERT: '/c.pem', HOPSCOPE_TLS_KEY: '/k.pem' }
      expect(readConfig({ ...env, ...tls, HOPSCOPE_INSECURE_BIND: '1' }).insecureBind, host).toBe(false)
    }
  })
  it('names the variable that is wrong', () => {
    const wrong: Record<string, string | undefined>[] = [
      { HOPSCOPE_DATA: undefined },
      { HOPSCOPE_PORT: '70000' },
      { HOPSCOPE_PORT: 'x' },
      { HOPSCOPE_TLS_CERT: '/c.pem' },
      { HOPSCOPE_PUBLIC_ORIGIN: 'https://x.test/' },
      { HOPSCOPE_PUBLIC_ORIGIN: 'x.test' },
      { HOPSCOPE_INSECURE_BIND: 'yes' },
      { HOPSCOPE_LOG: 'loud' },
    ]
    for (const env of wrong) expect(() => readConfig({ ...data, ...env })).toThrow(Object.keys(env)[0])
  })
})
