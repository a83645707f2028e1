// Serves recorded or made-up hosts to the hub that runs on $HOPSCOPE_DATA, until it is stopped.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSnapshot } from '@hopscope/model'
import { z } from 'zod'
import { generateHost } from './index.ts'
import { readRecorded } from './recorded.ts'
import { replayAgent } from './replayAgent.ts'

const HELP = `Usage: HOPSCOPE_DATA=<folder> npx tsx packages/testkit/src/replay.ts <source>...

A source is a recorded host (<file.json> or <file.json.gz>) or generated:<containers>, such as generated:300.
`

const sources = process.argv.slice(2)
const dataDir = process.env.HOPSCOPE_DATA
if (!dataDir || !sources.length || sources.includes('--help')) {
  process.stderr.write(HELP)
  process.exitCode = 2
} else {
  const hub = z.object({ url: z.string() }).parse(JSON.parse(readFileSync(join(dataDir, 'hub.json'), 'utf8')))
  const key = readFileSync(join(dataDir, 'agent.key'), 'utf8').trim()
  const snapshots = sources.map(load)
  const agent = await replayAgent({ url: hub.url, key, snapshots })
  agent.socket.on('connect', () => process.stderr.write('connected again\n'))
  agent.socket.on('disconnect', (reason) => process.stderr.write(`disconnected: ${reason}\n`))
  process.stderr.write(`serving ${snapshots.map((s) => s.host.name).join(', ')} to ${hub.url}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => agent.close())
}

function load(source: string): HostSnapshot {
  const containers = /^generated:(\d+)$/.exec(source)?.[1]
  if (containers) return generateHost({ containers: Number(containers) })
  return readRecorded(source)
}
