import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostSnapshot } from '@hopscope/model'
import type { Prediction } from '@hopscope/path'
import { commandSchema } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Executing, execute } from '../execute/executing.ts'
import { type Observation, observe } from '../oracle/observed.ts'
import { CASES, LINES, type ReasonCase } from './reasonCases.ts'
import { compare, flowText, serve } from './sending.ts'

describe.skipIf(process.getuid?.() !== 0)('every reason, with its blame and what helps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-reasons-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let observation: Observation
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-reasons', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    for (const line of LINES) await host.run(line.split(' '))
    // Whenever the kernel notices the carrier of a port, all ports of its bridge are let forward.
    const forwarding = async () => (await host.run(['bridge', 'link', 'show'])).match(/ master br9 state forwarding/g)
    await vi.waitFor(async () => expect(await forwarding()).toHaveLength(5), { timeout: 20_000 })
    await host.run(['bridge', 'link', 'set', 'dev', 'p-m2', 'state', '0'])
    for (const netns of ['a3', 'a4', 'x1', 'm5']) await serve(host, ['ip', 'netns', 'exec', netns], [7000])
    observation = await observe(host)
    executing = await execute(host, folder)
  })
  afterAll(async () => {
    await observation?.close()
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is predicted and happens; what is suggested makes it pass', { timeout: 60_000 }, async () => {
    const before = await look(CASES)
    expect(before.said).toEqual(
      CASES.map((one) => [flowText(one.flow), one.verdict, one.reason, one.blame, one.suggests]),
    )
    for (const [i, one] of CASES.entries()) await remedy(one, before.predictions[i])
    const mended = CASES.filter(({ after }) => after !== undefined)
    const { predictions } = await look(mended)
    expect(
      predictions.map(
        ({ outcome }, i) => `${flowText(mended[i]?.flow ?? CASES[0].flow)} ${outcome.verdict} ${outcome.reason ?? ''}`,
      ),
    ).toEqual(mended.map(({ flow, after }) => `${flowText(flow)} ${after} `))
  })

  /** All cases predicted from one snapshot and sent; both have to agree. */
  async function look(cases: readonly ReasonCase[]) {
    const { snapshot } = await observation.audit()
    const compared = await compare(
      sandbox,
      snapshot,
      cases.map(({ flow }) => flow),
    )
    const wrong = compared.filter(({ right }) => !right)
    expect(
      wrong.map(({ flow, sent, predicted }) => `${flowText(flow)} was ${sent}: ${JSON.stringify(predicted.outcome)}`),
    ).toEqual([])
    const said = compared.map(({ flow, predicted: { outcome, suggestions } }) => [
      flowText(flow),
      outcome.verdict,
      outcome.reason,
      nameOf(snapshot, outcome.blame),
      suggestions[0]?.code,
    ])
    return { said, predictions: compared.map(({ predicted }) => predicted) }
  }

  /** The command that was suggested, or what somebody would type. */
  async function remedy({ byHand, also = [] }: ReasonCase, prediction: Prediction | undefined): Promise<void> {
    for (const line of [...(byHand ?? []), ...also]) await host.run(line.split(' '))
    const command = prediction?.suggestions[0]?.command
    if (byHand || command === undefined) return
    const done = await executing.ask({ kind: 'run', command: commandSchema.parse(command) })
    expect(done?.answer, JSON.stringify(command)).toMatchObject({ kind: 'change', change: { state: 'done' } })
  }
})

/** A record as a person calls it. */
function nameOf({ records }: HostSnapshot, id: string | undefined): string | undefined {
  if (id === undefined) return undefined
  const rule = records.fwRule[id]
  if (rule) return `rule ${rule.chain} ${rule.position}`
  const chain = records.fwChain[id]
  if (chain) return `chain ${chain.table} ${chain.chain}`
  const link = records.link[id]
  if (link) return `link ${link.name}`
  const route = records.route[id]
  if (route) return `route ${route.dst}`
  return id.slice(0, id.indexOf(':'))
}
