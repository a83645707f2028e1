import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hub-test-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** The hub as a process of its own. */
function run(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    env: { PATH: process.env.PATH, HOPSCOPE_PORT: '0', HOPSCOPE_LOG: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    out.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    out.stderr += chunk
  })
  return { child, out, ended: once(child, 'close').then(([code]) => Number(code)) }
}

describe('a hub', () => {
  it('prints its link only, keeps its files to its user, and stops when told', async () => {
    const data = join(folder(), 'new')
    const { child, out, ended } = run({ HOPSCOPE_DATA: data })
    await once(child.stdout, 'data')
    expect(out.stdout).toMatch(/^Hopscope is ready: http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/)
    const { url, pid } = JSON.parse(readFileSync(join(data, 'hub.json'), 'utf8'))
    expect(out.stdout).toContain(`${url}/#token=`)
    expect(pid).toBe(child.pid)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    for (const file of readdirSync(data)) expect(statSync(join(data, file)).mode & 0o077, file).toBe(0)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(readdirSync(data).sort()).toEqual(['agent.key', 'hopscope.db', 'metrics.token'])
    expect(out.stdout.split('\n')).toHaveLength(2)
  })
  it('goes on at SIGHUP, with a log that was moved away or cut', async () => {
    const data = folder()
    const file = join(data, 'hub.log')
    const { child, out, ended } = run({ HOPSCOPE_DATA: data, HOPSCOPE_LOG: 'info', HOPSCOPE_LOG_FILE: file })
    await once(child.stdout, 'data')
    expect(existsSync(file)).toBe(true)
    // As logrotate does it with "create": moved first, told afterwards.
    writeFileSync(file, 'an old line\n', { flag: 'a' })
    renameSync(file, `${file}.1`)
    child.kill('SIGHUP')
    await expect.poll(() => existsSync(file)).toBe(true)
    // And with "copytruncate": cut, and not told.
    writeFileSync(file, 'x'.repeat(5000))
    truncateSync(file)
    expect((await fetch(`${JSON.parse(readFileSync(join(data, 'hub.json'), 'utf8')).url}/readyz`)).status).toBe(200)
    // A folder that went away costs lines, and not the hub.
    renameSync(data, `${data}-moved`)
    child.kill('SIGHUP')
    await expect.poll(() => out.stderr).toMatch(/^The log .*hub\.log cannot be written: ENOENT/)
    renameSync(`${data}-moved`, data)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ name: 'hub', msg: 'stopping', why: 'SIGTERM' }])
    expect(readFileSync(`${file}.1`, 'utf8')).not.toContain('stopping')
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(out.stderr.split('\n')).toHaveLength(2)

    const nowhere = run({ HOPSCOPE_DATA: data, HOPSCOPE_LOG_FILE: '/none/hub.log' })
    expect(await nowhere.ended).toBe(2)
    expect(nowhere.out.stderr).toMatch(/^The log \/none\/hub\.log cannot be opened .*HOPSCOPE_LOG_FILE/)
  })
  it('says what is wrong, what to do, and with which exit code', async () => {
    const data = folder()
    const { port, close } = await taken()
    const used = run({ HOPSCOPE_DATA: data, HOPSCOPE_PORT: String(port) })
    expect(await used.ended).toBe(3)
    expect(used.out).toEqual({
      stdout: '',
      stderr: expect.stringMatching(`127.0.0.1:${port} is in use. .*HOPSCOPE_PORT`),
    })
    close()

    const exposed = run({ HOPSCOPE_DATA: data, HOPSCOPE_HOST: '0.0.0.0' })
    expect(await exposed.ended).toBe(2)
    expect(exposed.out.stderr).toContain('HOPSCOPE_HOST=0.0.0.0')

    const file = join(data, 'a-file')
    writeFileSync(file, '')
    const noFolder = run({ HOPSCOPE_DATA: file })
    expect(await noFolder.ended).toBe(4)
    expect(noFolder.out.stderr).toMatch(/^The data folder .*a-file cannot be written .*HOPSCOPE_DATA/)

    const damaged = folder()
    writeFileSync(join(damaged, 'hopscope.db'), 'this is no database, it is a text'.repeat(100))
    const database = run({ HOPSCOPE_DATA: damaged })
    expect(await database.ended).toBe(5)
    expect(database.out.stderr).toMatch(/^The database .*hopscope\.db cannot be used .*backup/)

    const tls = run({ HOPSCOPE_DATA: data, HOPSCOPE_TLS_CERT: '/none', HOPSCOPE_TLS_KEY: '/none' })
    expect(await tls.ended).toBe(6)
    const noPem = run({ HOPSCOPE_DATA: data, HOPSCOPE_TLS_CERT: file, HOPSCOPE_TLS_KEY: file })
    expect(await noPem.ended).toBe(6)
  })
  it('explains itself', async () => {
    const { out, ended } = run({}, ['--help'])
    expect(await ended).toBe(0)
    expect(out.stdout).toContain('Exit codes:')
  })
})

async function taken(): Promise<{ port: number; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return { port: address.port, close: () => server.close() }
}
