import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { diffSchema, hostSnapshotSchema } from '@hopscope/model'
import { downSandbox } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bundled } from '../../test/bundled.ts'
import { doctorSchema } from './doctor/report.ts'

const folder = mkdtempSync(join(tmpdir(), 't-cli-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
process.env.HOPSCOPE_CHANGES = join(folder, 'changes')
mkdirSync(join(folder, 'run'))
afterAll(() => rmSync(folder, { recursive: true }))

const program = await bundled(join(import.meta.dirname, 'main.ts'))
const name = 't-cli'

type Result = { code: number | null; stdout: string; stderr: string }

const start = (...argv: string[]): ChildProcess => spawn(process.execPath, [program, ...argv], { stdio: 'pipe' })

/** Runs the command line for real. */
const hopscope = (...argv: string[]): Promise<Result> => resultOf(start(...argv))

async function resultOf(child: ChildProcess): Promise<Result> {
  const text = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
  })
  child.stdin?.end()
  const [code]: unknown[] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : null, ...text }
}

/** Changes something that is undone by itself: what keeps it, once the shell waits for that. */
async function waiting(change: string, input: object, ...argv: string[]) {
  const child = start('do', change, '--json', JSON.stringify(input), ...argv)
  const ended = resultOf(child)
  let said = ''
  const keep = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      said += text
      const [, found] = /type: hopscope (keep .*)\n/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
    void ended.then(({ stderr }) => reject(new Error(`it waits for nobody: ${stderr}`)))
  })
  return { ended, keep: keep.split(' '), id: keep.split(' ')[1] ?? '' }
}

describe('hopscope without a sandbox', () => {
  it.each([
    ['--help'],
    ['snapshot', '--help'],
    ['doctor', '--help'],
    ['trace', '--help'],
    ['sandbox', 'shell', '--help'],
  ])('explains itself: %s %s %s', async (...argv) => {
    const { code, stdout, stderr } = await hopscope(...argv.filter(Boolean))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Exit codes:')
    if (argv.length > 1) expect(stdout).toContain('Examples:')
  })

  it.each([
    [['nonsense']],
    [['snapshot', '--nonsense']],
    [['snapshot', '--vantage', 'nobody']],
    [['trace', 'icmp', '--limit', '0']],
    [['trace', 'icpm']],
    [['prove', '--from', 'root']],
    [['explain', '--from', 'root', '--to', '10.0.0.1:80', '--proto', 'arp']],
    [['sandbox', 'down']],
    [['sandbox', 'down', 'nobody']],
    [['sandbox', 'up', 'Bad_Name']],
    [['sandbox', 'up', 'x', '--hosts', '0']],
    [['sandbox', 'shell', 'nobody', '--', 'true']],
    [[]],
  ])('calls wrong usage 2, with a message and without data: %j', async (argv) => {
    const { code, stdout, stderr } = await hopscope(...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toBe('')
  })

  it('prints a JSON Schema', async () => {
    const { code, stdout } = await hopscope('schema')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', required: ['host', 'records'] })
  })

  it('lists nothing as an empty array', async () => {
    expect(await hopscope('sandbox', 'list', '--json')).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(await hopscope('sandbox', 'list')).toMatchObject({ code: 0, stdout: '' })
  })
})

describe.skipIf(process.getuid?.() !== 0)('hopscope with a sandbox of two hosts', () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await hopscope('sandbox', 'up', name, '--hosts', '2', '--json')
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ name, state: 'up', hosts: [{ docker: true }, { docker: true }] })
    await hopscope('sandbox', 'shell', name, '--', 'docker', 'run', '-d', '--name', 'web', 'busybox', 'sleep', '1000')
  })
  afterAll(async () => {
    if (existsSync(join(folder, 'run/sandboxes', name))) await downSandbox(name)
  })

  it('refuses to make it twice', async () => {
    expect(await hopscope('sandbox', 'up', name)).toMatchObject({ code: 1, stdout: '' })
  })

  it('lists it', async () => {
    const { stdout } = await hopscope('sandbox', 'list', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ name, state: 'up', hosts: [{ name: 't-cli-1' }, { name: 't-cli-2' }] }])
    expect((await hopscope('sandbox', 'list')).stdout).toMatch(/SANDBOX +STATE.*\n +t-cli +up +t-cli-1/)
  })

  it('takes a snapshot that its schema accepts, with messages apart', async () => {
    const { code, stdout, stderr } = await hopscope('snapshot', '--vantage', 't-cli-1', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const snapshot = hostSnapshotSchema.parse(JSON.parse(stdout))
    expect(snapshot.host).toMatchObject({ name: 't-cli-1', vantage: { kind: 'sandbox', sandbox: name } })
    expect(Object.values(snapshot.records.container).map((c) => c.name)).toEqual(['web'])
  })

  it('shows snapshot, topology and doctor to a person, without colours in a pipe', async () => {
    for (const [command, expected] of [
      ['snapshot', /web +busybox +running +bridge +172\.17\.0\.2/],
      ['topology', /bridge docker0 +172\.17\.0\.1\/16[\s\S]*└─ web +busybox/],
      ['doctor', /All 12 sources can be read|sources can be read in full/],
    ] as const) {
      const { code, stdout, stderr } = await hopscope(command, '--vantage=t-cli-1')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(expected)
      expect(stdout).not.toContain('\u001b')
    }
  })

  it('examines the host as JSON', async () => {
    const { stdout } = await hopscope('doctor', '--vantage', 't-cli-1', '--json')
    const report = doctorSchema.parse(JSON.parse(stdout))
    expect(report.sources.find((s) => s.name === 'links')).toMatchObject({ state: 'ok' })
    expect(report.kernel.find((f) => f.name === 'bridge')?.state).toMatch(/built in|loaded/)
  })

  it('suggests the host that was meant', async () => {
    const { code, stderr } = await hopscope('snapshot', '--vantage', 't-cly-2')
    expect(code).toBe(2)
    expect(stderr).toContain('"t-cli-2"')
    const several = await hopscope('snapshot', '--vantage', name)
    expect(several).toMatchObject({ code: 2, stdout: '' })
    expect(several.stderr).toContain('t-cli-1, t-cli-2')
  })

  it('passes a command through: output, input, code', async () => {
    const shell = (...argv: string[]) => hopscope('sandbox', 'shell', ...argv)
    expect(await shell(name, '--', 'sh', '-c', 'hostname; echo to-stderr >&2; exit 7')).toEqual({
      code: 7,
      stdout: 't-cli-1\n',
      stderr: 'to-stderr\n',
    })
    expect(await shell(name, 't-cli-2', '--', 'hostname')).toMatchObject({ code: 0, stdout: 't-cli-2\n' })
    expect(await shell('t-cli-2', '--', 'docker', 'ps', '-q')).toMatchObject({ code: 0, stdout: '' })
    expect(await shell(name, 't-cli-3', '--', 'true')).toMatchObject({ code: 2 })
    const child = start('sandbox', 'shell', 't-cli-2')
    child.stdin?.end('hostname; exit 3\n')
    const output: unknown[] = await once(child.stdout?.setEncoding('utf8') ?? child, 'data')
    expect(output).toEqual(['t-cli-2\n'])
    expect(child.exitCode ?? (await once(child, 'close'))[0]).toBe(3)
  })

  it('sees the host it runs on, without --vantage', async () => {
    const argv = [process.execPath, program, 'snapshot', '--json']
    const { stdout } = await hopscope('sandbox', 'shell', 't-cli-1', '--', ...argv)
    expect(hostSnapshotSchema.parse(JSON.parse(stdout)).host).toMatchObject({
      name: 't-cli-1',
      vantage: { kind: 'host' },
    })
  })

  it('watches, as JSON lines that apply, and ends by a signal', async () => {
    const child = start('watch', '--json', '--vantage', 't-cli-1')
    const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]()
    const first = z.object({ snapshot: hostSnapshotSchema }).parse(JSON.parse((await lines.next()).value ?? ''))
    expect(first.snapshot.host.name).toBe('t-cli-1')
    await hopscope('sandbox', 'shell', name, '--', 'docker', 'rename', 'web', 'shop')
    const update = z.object({ from: z.number(), to: z.number(), diff: diffSchema })
    let names: unknown[] = []
    while (!names.includes('shop')) {
      const { diff } = update.parse(JSON.parse((await lines.next()).value ?? ''))
      names = (diff.container?.set ?? []).map((change) => change.fields.name)
    }
    child.kill('SIGTERM')
    const [code]: unknown[] = await once(child, 'close')
    expect(code).toBe(143)
  })

  it('follows packets, keeps their headers, and lays one over its prediction', async () => {
    const pcap = join(folder, 'seen.pcap')
    const traced = async (...options: string[]): Promise<string> => {
      const child = start('trace', 'icmp', '--limit', '2', '--json', '--vantage', 't-cli-1', ...options)
      const closed = once(child, 'close')
      let told = ''
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        told += chunk
      })
      const [armed]: unknown[] = await once(child.stderr?.setEncoding('utf8') ?? child, 'data')
      expect(armed).toMatch(/^Tracing icmp in 2 namespaces/)
      await hopscope('sandbox', 'shell', 't-cli-1', '--', 'ping', '-c', '1', '-W', '5', '172.17.0.2')
      expect(await closed).toEqual([0, null])
      return told
    }
    const linesOf = (told: string): unknown[] =>
      told
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const told = await traced('--rules', '--pcap', pcap)
    const delivered = { story: { partial: false, way: { outcome: { verdict: 'delivered' } } } }
    expect(linesOf(told)).toMatchObject([delivered, delivered, { summary: { ended: 'packets', shown: 2, lost: 0 } }])
    expect(told).toMatch(/"passedOver":\[\{[^[\]]*"miss":\{"why":"differs","fields":\["\w+"\]/)
    expect(readFileSync(pcap).readUInt32LE(0)).toBe(0xa1b2c3d4)

    // Nothing was dropped: nothing is shown, and that is said.
    expect(linesOf(await traced('--dropped'))).toMatchObject([{ summary: { ended: 'packets', shown: 2, dropped: 0 } }])

    const { stdout } = await hopscope('prove', '--from', 'root', '--to', '172.17.0.2', '--vantage', 't-cli-1')
    expect(stdout.match(/What was seen is what was predicted\./g)).toHaveLength(2)
    const arp = ['--from', 'root', '--to', '172.17.0.2', '--proto', 'arp', '--vantage', 't-cli-1']
    expect((await hopscope('explain', ...arp)).stdout).toContain('arping -c 1 -I docker0 172.17.0.2')
    const who = await hopscope('prove', ...arp)
    expect(who.stdout.match(/What was seen is what was predicted\./g)).toHaveLength(2)
    expect(who.stdout).toMatch(/^[0-9a-f:]{17} answered: eth0 of container \w+\.$/m)
  })

  it('shows a guide, runs it whole, and undoes what it ran when a step does not work', async () => {
    const shell = (line: string) => hopscope('sandbox', 'shell', name, '--', 'sh', '-c', line)
    await shell('for name in quiet still; do docker run -d --name $name --net=none busybox sleep 1000; done')
    const guide = (input: object, ...more: string[]) =>
      hopscope('guide', 'handmade', '--json', JSON.stringify(input), '--vantage', 't-cli-1', ...more)
    const shown = await guide({ container: 'quiet' })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(
      /^ 1 {2}next {5}Make the bridge br-hand\n[^$]*\$ ip link add name br-hand type bridge\n/,
    )
    expect(await guide({ container: 'quiet' }, '--run')).toMatchObject({ code: 0, stderr: '' })
    // Only the kernel refuses a multicast address: the steps before it are undone, those of the other container stay.
    const wrong = { container: 'still', address: '224.0.0.9/4', gateway: '224.0.0.1', gatewayHere: false }
    expect((await guide(wrong, '--run')).code).toBe(1)
    const { stdout } = await shell('docker exec quiet ping -c1 -W3 10.88.1.1 && ip -o link')
    expect(stdout).toContain('1 packets received')
    expect(stdout).toContain('veth-quiet')
    expect(stdout).not.toContain('veth-still')
  })

  /** On the other host, since it takes ten seconds at least. */
  let unkept: ReturnType<typeof waiting>
  const bridge = (host: string, seconds: string) =>
    waiting('bridge.create', { netns: 'root', name: 'br-once' }, '--vantage', host, '--revert-after', seconds)
  const bridges = async (host: string) =>
    (await hopscope('sandbox', 'shell', name, host, '--', 'ip', '-o', 'link', 'show', 'type', 'bridge')).stdout

  it('keeps a change that is kept from another shell in time', { timeout: 60_000 }, async () => {
    unkept = bridge('t-cli-2', '10')
    const soon = await hopscope(
      'do',
      'netns.add',
      '--json',
      '{"name":"x"}',
      '--revert-after',
      '9',
      '--vantage',
      't-cli-1',
    )
    expect(soon).toMatchObject({ code: 2, stdout: '' })
    const kept = await bridge('t-cli-1', '300')
    expect(await bridges('t-cli-1')).toContain('br-once')
    // Whoever changes the host next decides first.
    const other = await hopscope('do', 'link.up', '--json', '{"netns":"root","link":"br-once"}', '--vantage', 't-cli-1')
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining(kept.id) })
    expect(kept.keep).toEqual(['keep', kept.id, '--vantage', 't-cli-1'])
    expect(await hopscope(...kept.keep)).toMatchObject({ code: 0, stderr: '' })
    expect(await kept.ended).toMatchObject({ code: 0, stderr: '' })
    expect(await bridges('t-cli-1')).toContain('br-once')
    expect(await hopscope('undo', kept.id, '--vantage', 't-cli-1')).toMatchObject({ code: 0, stderr: '' })
    expect(await bridges('t-cli-1')).not.toContain('br-once')
  })

  it('names who changes the host when that takes its time', { timeout: 90_000 }, async () => {
    // It ignores SIGTERM, for which Docker waits ten seconds.
    const slow = hopscope('do', 'container.stop', '--json', '{"container":"shop"}', '--vantage', 't-cli-1')
    const running = async () => (await hopscope('history', '--vantage', 't-cli-1')).stdout
    await expect.poll(running, { timeout: 30_000 }).toMatch(/ running /)
    const other = await hopscope(
      'do',
      'bridge.create',
      '--json',
      '{"netns":"root","name":"br1"}',
      '--vantage',
      't-cli-1',
    )
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(other.stderr).toMatch(/The process \d+ \(cli-main\.mjs do\) is changing this host\. Wait until/)
    expect(await slow).toMatchObject({ code: 0, stderr: '' })
  })

  it('undoes a change that nobody kept when its time is over', { timeout: 60_000 }, async () => {
    const { ended, keep } = await unkept
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('Nobody kept it in time') })
    expect(await bridges('t-cli-2')).not.toContain('br-once')
    expect(await hopscope(...keep)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not wait') })
  })

  it('ends quietly when the reader of its output goes away', async () => {
    const child = start('snapshot', '--json', '--vantage', 't-cli-1')
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk
    })
    child.stdout?.once('data', () => child.stdout?.destroy())
    const [code]: unknown[] = await once(child, 'close')
    expect({ code, said }).toEqual({ code: 0, said: '' })
  })

  it('removes what was made until a signal came', async () => {
    const child = start('sandbox', 'up', 't-cli-cut', '--demo')
    for await (const line of createInterface({ input: child.stderr ?? process.stdin })) {
      if (line.startsWith('Docker runs')) child.kill('SIGINT')
    }
    expect(child.exitCode ?? (await once(child, 'close'))[0]).toBe(130)
    expect((await hopscope('sandbox', 'list')).stdout).not.toContain('t-cli-cut')
  })

  it('removes a sandbox whole, though nobody reads what it says', async () => {
    expect((await hopscope('sandbox', 'up', 't-cli-quiet', '--no-docker')).code).toBe(0)
    const child = start('sandbox', 'down', 't-cli-quiet')
    child.stderr?.destroy()
    expect((await once(child, 'close'))[0]).toBe(0)
    expect((await hopscope('sandbox', 'list')).stdout).not.toContain('t-cli-quiet')
  })

  it('removes it, and leaves nothing', async () => {
    expect(await hopscope('sandbox', 'down', name)).toMatchObject({ code: 0, stdout: '' })
    expect(await hopscope('sandbox', 'list', '--json')).toMatchObject({ stdout: '[]\n' })
    expect(readdirSync(join(folder, 'run/sandboxes'))).toEqual([])
    expect(readdirSync(join(folder, 'data/sandboxes'))).toEqual([])
    expect(await hopscope('sandbox', 'down', '--all')).toMatchObject({ code: 0 })
  })
})
