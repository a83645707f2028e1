import { expect } from 'vitest'
import { EXIT_CODES } from '../../src/startError.ts'
import { NAME, PASSWORD } from '../withHub.ts'
import { type HubProcess, hubProcess, type Start, startProcess } from './hubProcess.ts'

/** Saves what `nothingIsLost` looks for. */
export const saveLayout = (t: HubProcess, cookie: string) =>
  t.call('layouts.save', { key: 'map', value: { kept: 1 } }, cookie)

/** The hub does not start: one line that says why and what to do, and the exit code that stands for it. */
export async function refuses(o: Start, code: keyof typeof EXIT_CODES, message: RegExp): Promise<void> {
  const { ended, log, link } = startProcess(o)
  const exit = await Promise.race([ended, link.then(() => 'it started')])
  expect({ exit, log: log() }).toEqual({ exit: EXIT_CODES[code], log: expect.stringMatching(message) })
  expect(log().trim().split('\n')).toHaveLength(1)
  expect(log()).not.toMatch(/ {4}at |undefined|wasm/)
}

/** The hub starts, and account and layout are there. */
export async function nothingIsLost(o: Start): Promise<void> {
  const t = await hubProcess(o)
  const { cookie } = await t.call('auth.login', { name: NAME, password: PASSWORD })
  expect((await t.call('layouts.get', { key: 'map' }, cookie)).data).toEqual({ value: { kept: 1 } })
  expect(await t.stop()).toBe(0)
}
