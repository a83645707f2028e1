import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { leftOf, machineState, processesOf } from '../test/machine.ts'
import { foldersOf } from './folders.ts'
import { listSandboxes, sweepSandbox } from './index.ts'
import { pathInside } from './place.ts'
import { markedProcesses } from './processes.ts'
import { readRecord } from './record.ts'
import { waitUntil } from './waitUntil.ts'

const root = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 't-sbx-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true }))

/** Moments at which the maker is killed; each is noticed from outside, without the maker's help. */
const moments: Record<string, (name: string, lines: string[]) => boolean> = {
  'before its first record': (name) => existsSync(foldersOf(name).state),
  'at its first process': (name) => markedProcesses(foldersOf(name).state).length > 0,
  'with the switch alone': (name) => readRecord(foldersOf(name).state)?.fabric != null,
  'between the hosts': (name) => (readRecord(foldersOf(name).state)?.hosts.length ?? 0) > 0,
  'while Docker starts': (name) => dockerPidFiles(name) > 0,
  'when the sandbox is up': (_, lines) => lines.includes('up'),
  'while containers start': (_, lines) => lines.some((line) => line.startsWith('namespaces joined')),
}

describe.skipIf(!root)('a maker killed with SIGKILL', () => {
  it.each(Object.keys(moments))('leaves nothing after a sweep: %s', async (moment) => {
    const name = `t-sbx-kill-${Object.keys(moments).indexOf(moment)}`
    const before = machineState()
    const maker = startMaker(name)
    try {
      const reached = await waitUntil(() => moments[moment]?.(name, maker.lines) || undefined, 40_000)
      maker.process.kill('SIGKILL')
      await maker.ended
      expect(reached, maker.lines.join('\n')).toBe(true)
      const state = moment === 'when the sandbox is up' || moment === 'while containers start' ? 'up' : 'abandoned'
      expect(await listSandboxes()).toMatchObject([{ name, state }])
      const processes = await processesOf(name)
      expect(await sweepSandbox(name)).toBe(true)
      expect(leftOf(name, processes)).toEqual([])
      expect(machineState()).toEqual(before)
      expect(await sweepSandbox(name)).toBe(false)
    } finally {
      maker.process.kill('SIGKILL')
      await sweepSandbox(name)
    }
  })
})

function startMaker(name: string): { process: ChildProcess; lines: string[]; ended: Promise<unknown> } {
  const loader = createRequire(import.meta.url).resolve('tsx')
  const script = join(import.meta.dirname, '../test/maker.ts')
  const child = spawn(process.execPath, ['--import', loader, script, name, 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return { process: child, lines, ended: once(child, 'exit') }
}

function dockerPidFiles(name: string): number {
  const hosts = readRecord(foldersOf(name).state)?.hosts ?? []
  return hosts.filter((host) => existsSync(pathInside(host.initPid, '/run/docker.pid'))).length
}
