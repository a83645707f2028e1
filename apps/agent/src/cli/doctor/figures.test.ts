import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AGENT_METRICS } from '@hopscope/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { figuresOf } from './figures.ts'
import { readRunning } from './running.ts'

const TEXT = `# HELP hopscope_hub_resyncs_total Snapshots asked for.
# TYPE hopscope_hub_resyncs_total counter
hopscope_hub_resyncs_total{reason="gap"} 2
hopscope_hub_resyncs_total{reason="wrong_hash"} 0

# HELP hopscope_hub_hosts Hosts, by status.
# TYPE hopscope_hub_hosts gauge
hopscope_hub_hosts{status="live"} 3
hopscope_hub_hosts{status="stale"} 1

# HELP hopscope_hub_message_bytes Size of messages.
# TYPE hopscope_hub_message_bytes histogram
hopscope_hub_message_bytes_bucket{le="256",event="patch"} 1
hopscope_hub_message_bytes_bucket{le="+Inf",event="patch"} 2
hopscope_hub_message_bytes_sum{event="patch"} 3000
hopscope_hub_message_bytes_count{event="patch"} 2
hopscope_hub_message_bytes_sum{event="other"} 0
hopscope_hub_message_bytes_count{event="other"} 0

# HELP hopscope_agent_netlink_losses_total Times.
# TYPE hopscope_agent_netlink_losses_total counter
hopscope_agent_netlink_losses_total{host="a-\\"b"} 1
hopscope_agent_netlink_losses_total{host="c"} 4

# HELP process_start_time_seconds When.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.7e9

# HELP hopscope_hub_revision_lag Nobody is here.
# TYPE hopscope_hub_revision_lag gauge
`

describe('figures', () => {
  it('are put together, and judged', () => {
    expect(figuresOf(TEXT)).toEqual([
      { name: 'hopscope_hub_resyncs_total', value: 2, parts: 'gap 2', meaning: 'Snapshots asked for.', ok: true },
      {
        name: 'hopscope_hub_hosts',
        value: 3,
        parts: 'live 3, stale 1',
        meaning: 'Hosts, by status.',
        ok: false,
        remedy: expect.stringMatching(/^Start the agent/),
      },
      { name: 'hopscope_hub_message_bytes', value: 1500, parts: 'mean of 2', meaning: 'Size of messages.', ok: true },
      {
        name: 'hopscope_agent_netlink_losses_total',
        value: 5,
        parts: 'a-\\"b 1, c 4',
        meaning: 'Times.',
        ok: false,
        remedy: expect.stringContaining('rmem_max'),
      },
      { name: 'process_start_time_seconds', value: 1.7e9, meaning: 'When.', ok: true },
    ])
    expect(figuresOf('')).toEqual([])
  })

  it('of agents are explained in one sentence each', () => {
    for (const { help } of Object.values(AGENT_METRICS)) expect(help).toMatch(/^[A-Z][^.]*\.$/)
  })
})

describe('the hub', () => {
  it('is looked for in its data folder, and what is wrong is said with what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hopscope-doctor-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    expect(await readRunning({ HOPSCOPE_DATA: folder })).toEqual({
      state: 'not running',
      detail: `No hub.json in ${folder}.`,
      remedy: expect.stringContaining('npm start'),
      figures: [],
    })
    // A port that nobody listens at: what a hub leaves behind that was killed.
    writeFileSync(join(folder, 'hub.json'), '{"pid":1,"url":"http://127.0.0.1:1","version":"0"}\n')
    writeFileSync(join(folder, 'metrics.token'), 'token\n')
    expect(await readRunning({ HOPSCOPE_DATA: folder })).toMatchObject({ state: 'unreadable', figures: [] })
    writeFileSync(join(folder, 'hub.json'), 'nonsense')
    expect(await readRunning({ HOPSCOPE_DATA: folder })).toMatchObject({ state: 'unreadable', figures: [] })
  })
})
