import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NAME, PASSWORD, setUp } from '../withHub.ts'
import { hubProcess } from './hubProcess.ts'
import { nothingIsLost, refuses, saveLayout } from './lasting.ts'
import { smallDisk } from './smallDisk.ts'
import { scene, unharmed } from './unharmed.ts'

const MEGABYTES = 8
const LARGE = 'x'.repeat(200_000)

describe('a disk that is full', () => {
  it('while the hub runs: saving is refused with its reason, the stream goes on, and all works when there is room', {
    timeout: 120_000,
  }, async () => {
    const disk = await smallDisk(MEGABYTES)
    const s = await scene(disk)
    await saveLayout(s.t, s.cookie)
    const save = (key: string, value: unknown) => s.t.call('layouts.save', { key, value }, s.cookie)
    disk.fill()
    const file = `${disk.dataDir}/hopscope.db`
    // Not once only: what is refused must not use up what the next one needs.
    for (let tries = 0; tries < 5; tries++) {
      const failed = await save(`large${tries}`, LARGE)
      expect({ status: failed.status, code: failed.code }).toEqual({ status: 500, code: 'DATABASE_FULL' })
    }
    const login = await s.t.call('auth.login', { name: NAME, password: PASSWORD })
    expect([undefined, 'DATABASE_FULL']).toContain(login.code)
    const answer = await s.t.send('/api/trpc/layouts.save', {
      method: 'POST',
      headers: { origin: s.t.hub.url, 'content-type': 'application/json', cookie: s.cookie },
      body: JSON.stringify({ key: 'large', value: LARGE }),
    })
    expect(JSON.parse(answer.text).error.message).toBe(
      'The database hopscope.db cannot be used (it cannot grow: the disk is full, or a limit is reached). ' +
        'Make room on its file system, then try again.',
    )
    // What was stored is read, and what is live streams on.
    await unharmed(s, async () => {})
    // The log says it once, with the whole path, however many met it.
    const lines = s.t.log().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '').msg).toContain(`The database ${file} cannot be used (it cannot grow`)
    disk.free()
    expect((await save('large0', LARGE)).code).toBeUndefined()
    expect((await s.t.call('auth.login', { name: NAME, password: PASSWORD })).cookie).toBeDefined()
    expect(s.t.log()).toContain(`The database ${file} can be written again.`)
    expect(await s.t.stop()).toBe(0)
    await nothingIsLost(disk)
    const again = await hubProcess(disk)
    const { cookie } = await again.call('auth.login', { name: NAME, password: PASSWORD })
    expect((await again.call('layouts.get', { key: 'large0' }, cookie)).data).toEqual({ value: LARGE })
  })

  it('while the hub runs, and then ends: what was saved before is there', { timeout: 60_000 }, async () => {
    const disk = await smallDisk(MEGABYTES)
    const s = await scene(disk)
    await saveLayout(s.t, s.cookie)
    disk.fill()
    expect((await s.t.call('layouts.save', { key: 'large', value: LARGE }, s.cookie)).code).toBe('DATABASE_FULL')
    expect(await s.t.stop()).toBe(0)
    // Ending put its log into the database, which made room.
    disk.fill()
    await refuses(disk, 'DATABASE', /hopscope\.db cannot be used \(it cannot grow: the disk is full/)
    disk.free()
    await nothingIsLost(disk)
  })

  it('when the hub starts: it names the file and ends, and starts when there is room', async () => {
    const disk = await smallDisk(MEGABYTES)
    const t = await hubProcess(disk)
    await saveLayout(t, await setUp(t))
    expect(await t.stop()).toBe(0)
    disk.fill()
    const held = readFileSync(disk.path('hopscope.db'))
    const next =
      /hopscope\.db cannot be used \(it cannot grow: the disk is full.*\)\. Make room on its file system, then start/
    await refuses(disk, 'DATABASE', next)
    expect(readFileSync(disk.path('hopscope.db')).equals(held)).toBe(true)
    disk.free()
    await nothingIsLost(disk)
  })

  it('when the hub starts for the first time: it leaves no half a key behind', async () => {
    const disk = await smallDisk(MEGABYTES)
    const page = `${disk.dataDir}/page`
    const env = { HOPSCOPE_WEB_DIR: page }
    disk.fill()
    await refuses(
      { ...disk, env },
      'DATA_FOLDER',
      /agent\.key cannot be used \(ENOSPC.*\)\. Make room on its file system/,
    )
    disk.free()
    await hubProcess(disk)
  })
})
