import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FwRule, fwRuleId, netnsId } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differentLines, MatrixRun, printed } from './matrix.ts'

const ADD: Extract<Command, { do: 'rule.add' }> = {
  ...{ do: 'rule.add', netns: 'root', chain: 'FORWARD', action: 'drop', family: 'inet' },
  ...{ in: 'lo', src: '10.9.0.5/24', protocol: 'tcp', dport: '8000-8010', state: ['NEW', 'RELATED'] },
}
const OURS = '-p icmp -m conntrack --ctstate INVALID -j DROP'

describe.skipIf(process.getuid?.() !== 0).each(['nft', 'legacy'] as const)('rules of our own, %s', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-rules-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let matrix: MatrixRun<string[]>
  const iptables = (...words: string[]) => host.run([`iptables-${engine}`, ...words])
  const save = [`iptables-${engine}-save`]

  beforeAll(async () => {
    sandbox = await createSandbox({ name: `t-own-${engine}`, docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    // The back end that has rules is the one that is used; the plain name stands for nft.
    await iptables('-A', 'FORWARD', '-i', 'lo', '-j', 'ACCEPT')
    await iptables('-t', 'nat', '-A', 'POSTROUTING', '-o', 'lo', '-j', 'ACCEPT')
    await iptables('-N', 'HOPSCOPE-INPUT')
    await iptables('-I', 'INPUT', '1', '-j', 'HOPSCOPE-INPUT')
    await iptables('-A', 'HOPSCOPE-INPUT', ...OURS.split(' '))
    matrix = new MatrixRun({ host, folder, read, differences: differentLines })
  })
  afterAll(async () => {
    await matrix?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(`${engine}: ${printed(matrix?.passed ?? {})}`)
  })

  /** Both back ends: what is meant for one must not be in the other. */
  async function read(): Promise<string[]> {
    const saved = [await host.run(['iptables-nft-save']), await host.run(['iptables-legacy-save'])]
    return saved.flatMap((text, i) =>
      text
        .split('\n')
        .filter((line) => /^[-*]|^:HOPSCOPE/.test(line))
        .map((line, n) => `${i} ${n} ${line.replace(/ \[.*/, '')}`),
    )
  }

  /** As the observer names it. */
  async function ruleId(chain: string): Promise<string> {
    const inode = /\d+/.exec(await host.run(['readlink', '/proc/1/ns/net']))?.[0]
    const handle =
      engine === 'legacy'
        ? '1'
        : /# handle (\d+)\n\t\}/.exec(await host.run(['nft', '-a', 'list', 'chain', 'ip', 'filter', chain]))?.[1]
    const key: Pick<FwRule, 'netns' | 'engine' | 'family' | 'table'> = {
      netns: netnsId(Number(inode)),
      engine,
      family: 'ip',
      table: 'filter',
    }
    return fwRuleId({ ...key, chain, handle: Number(handle) })
  }

  it('are added with their chain', { timeout: 120_000 }, () =>
    matrix.run({
      command: ADD,
      shows: {
        argv: save,
        holds:
          /-A FORWARD -j HOPSCOPE-FORWARD\n-A FORWARD -i lo -j ACCEPT[\s\S]*-A HOPSCOPE-FORWARD -s 10\.9\.0\.0\/24 -i lo -p tcp -m tcp --dport 8000:8010 -m conntrack --ctstate NEW,RELATED -j DROP/,
      },
      refused: { command: { ...ADD, action: 'snat' }, code: 'CHAIN_WRONG' },
    }),
  )

  it('are added to a chain that is there', { timeout: 120_000 }, () =>
    matrix.run({
      command: {
        do: 'rule.add',
        netns: 'root',
        chain: 'INPUT',
        action: 'accept',
        family: 'inet',
        in: 'lo',
        position: 1,
      },
      shows: { argv: save, holds: /-A HOPSCOPE-INPUT -i lo -j ACCEPT\n-A HOPSCOPE-INPUT -p icmp/ },
      refused: {
        command: {
          do: 'rule.add',
          netns: 'root',
          chain: 'INPUT',
          action: 'drop',
          family: 'inet',
          protocol: 'icmp',
          state: ['INVALID'],
        },
        code: 'RULE_TAKEN',
      },
    }),
  )

  it('change addresses', { timeout: 120_000 }, () =>
    matrix.run({
      command: {
        do: 'rule.add',
        netns: 'root',
        chain: 'POSTROUTING',
        action: 'snat',
        family: 'inet',
        protocol: 'udp',
        toAddress: '10.9.0.1:5000-5010',
      },
      shows: { argv: save, holds: /-A HOPSCOPE-POSTROUTING -p udp -j SNAT --to-source 10\.9\.0\.1:5000-5010/ },
      refused: { command: { ...ADD, chain: 'OUTPUT' }, code: 'MATCH_NOT_HERE' },
    }),
  )

  it('see no connection any more that is forgotten', async () => {
    const tuple = { protocol: 'udp', src: '10.9.0.1', dst: '10.9.0.2', sport: 1000, dport: 53 } as const
    const answers = ['-r', tuple.dst, '-q', tuple.src, '--reply-port-src', '53', '--reply-port-dst', '1000']
    const made = ['-p', 'udp', '-s', tuple.src, '-d', tuple.dst, '--sport', '1000', '--dport', '53', '-t', '300']
    await host.run(['conntrack', '-I', ...made, ...answers])
    await host.run(['conntrack', '-I', ...made.with(9, '54'), ...answers.with(5, '54')])
    await matrix.prepare({ do: 'conntrack.delete', netns: 'root', ...tuple })
    const left = await host.run(['conntrack', '-L', '-p', 'udp', '-s', tuple.src])
    expect(left).toMatch(/dport=54 /)
    expect(left).not.toMatch(/dport=53 /)
  })

  it('are deleted, with their chain when it was the last one', { timeout: 120_000 }, async () =>
    matrix.run({
      command: { do: 'rule.delete', rule: await ruleId('HOPSCOPE-INPUT'), text: `-A HOPSCOPE-INPUT ${OURS}` },
      shows: { argv: save, holds: /^(?![\s\S]*HOPSCOPE)/ },
      refused: { command: { do: 'rule.delete', rule: await ruleId('FORWARD') }, code: 'RULE_FOREIGN' },
    }),
  )
})
