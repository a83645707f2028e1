import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Family, type HostSnapshot, hostSnapshotSchema, recordsOf } from '@hopscope/model'
import { type Origin, type Prediction, predict } from '@hopscope/path'
import type { Sandbox, SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'

const flowSchema = z.strictObject({
  /** A container, a name of `ip netns`, `host`, or `outside`. */
  from: z.string(),
  to: z.string(),
  protocol: z.enum(['icmp', 'tcp', 'udp']),
  port: z.number().optional(),
  /** Of a ping: its length with the IP header, not to be cut. */
  bytes: z.number().optional(),
})
export type Flow = z.infer<typeof flowSchema>
const sentSchema = z.enum(['delivered', 'refused', 'unreachable', 'dropped'])
export type Sent = z.infer<typeof sentSchema>
/** A host as it was, and what came of packets that were sent there. */
export const recordedSchema = z.strictObject({
  snapshot: hostSnapshotSchema,
  cases: z.array(z.strictObject({ flow: flowSchema, sent: sentSchema })),
})

export type Compared = { flow: Flow; predicted: Prediction; sent: Sent; right: boolean }

export const flowText = ({ from, to, protocol, port }: Flow): string =>
  `${from} → ${port === undefined ? to : `${to.includes(':') ? `[${to}]` : to}:${port}`} ${protocol}`

/** Predicts all flows from one snapshot, sends them, and tells for each whether both agree. */
export async function compare(sandbox: Sandbox, snapshot: HostSnapshot, flows: readonly Flow[]): Promise<Compared[]> {
  const predictions = flows.map((flow) => predictFlow(snapshot, flow))
  // Whoever finds that nobody answers for an address may be told the same moment who has it, by a question of others: he goes first.
  const isFirst = (i: number) => predictions[i]?.forward.hops.at(-1)?.kind === 'neighbour'
  const sent = new Map<Flow, Sent | undefined>()
  for (const batch of [flows.filter((_, i) => isFirst(i)), flows.filter((_, i) => !isFirst(i))]) {
    const results = await sendAll(sandbox, snapshot, batch, 1_200)
    for (const [i, flow] of batch.entries()) sent.set(flow, results[i])
  }
  const first = flows.map((flow, i) => toCompared(flow, predictions[i], sent.get(flow)))
  const wrong = first.filter(({ right }) => !right)
  if (wrong.length === 0) return first
  // A busy machine may be late, and a router tells a sender no more than five times at once that it has no route: what seems lost is sent
  // once more, alone and with more patience.
  const again: (Sent | undefined)[] = []
  for (const { flow } of wrong) {
    // It has one such answer a second for each sender.
    await wait(1_500)
    again.push(...(await sendAll(sandbox, snapshot, [flow], 4_500)))
  }
  const second = new Map(wrong.map(({ flow, predicted }, i) => [flow, toCompared(flow, predicted, again[i])]))
  return first.map((one) => second.get(one.flow) ?? one)
}

function toCompared(flow: Flow, predicted: Prediction | undefined, sent: Sent | undefined): Compared {
  if (predicted === undefined || sent === undefined) throw new Error(`nothing came of ${flowText(flow)}`)
  return { flow, predicted, sent, right: agree(predicted, sent) }
}

export function predictFlow(snapshot: HostSnapshot, { from, ...flow }: Flow): Prediction {
  return predict(snapshot, { from: originOf(snapshot, from), ...flow })
}

export const originOf = (snapshot: HostSnapshot, from: string): Origin =>
  from === 'outside' ? { kind: 'outside' } : { kind: 'netns', netns: netnsOf(snapshot, from) }

export function agree({ outcome, forward }: Prediction, sent: Sent): boolean {
  switch (outcome.verdict) {
    case 'delivered':
    case 'refused':
      return sent === outcome.verdict || (sent === 'unreachable' && outcome.verdict === 'refused')
    case 'dropped':
      // The kernel gives up asking for a MAC address after some seconds, and says so.
      return sent === 'dropped' || (sent === 'unreachable' && forward.hops.at(-1)?.kind === 'neighbour')
    case 'left':
    case 'undetermined':
      return true
  }
}

function netnsOf(snapshot: HostSnapshot, name: string): string {
  if (name === 'host') return snapshot.host.rootNetns
  const container = recordsOf(snapshot, 'container').find((c) => c.name === name)
  const netns = recordsOf(snapshot, 'netns').find(({ names }) => names.some((n) => n.name === name))
  const id = container?.netns ?? netns?.id
  if (id === undefined) throw new Error(`nobody is called ${name}`)
  return id
}

async function sendAll(
  sandbox: Sandbox,
  snapshot: HostSnapshot,
  flows: readonly Flow[],
  waitMs: number,
): Promise<Sent[]> {
  const [host] = sandbox.hosts
  if (!host) throw new Error('a sandbox has a host')
  const senders = new Map<string, Flow[]>()
  for (const flow of flows) senders.set(flow.from, [...(senders.get(flow.from) ?? []), flow])
  const results = new Map<Flow, Sent>()
  const sendFrom = async ([from, own]: [string, Flow[]]) => {
    const input = JSON.stringify([own.map(({ to, ...rest }) => ({ ...rest, address: to })), waitMs])
    const argv = [process.execPath, join(import.meta.dirname, 'probeChild.mjs'), input]
    const place = from === 'outside' ? sandbox.outside : host
    const out = await place.run([...(from === 'outside' ? [] : into(snapshot, from)), ...argv])
    for (const [i, sent] of z.array(sentSchema).parse(JSON.parse(out)).entries()) {
      const flow = own[i]
      if (flow) results.set(flow, sent)
    }
  }
  await Promise.all([...senders].map(sendFrom))
  return flows.flatMap((flow) => results.get(flow) ?? [])
}

/** The words that lead a program into a namespace. */
export function into(snapshot: HostSnapshot, name: string): string[] {
  if (name === 'host') return []
  const path = snapshot.records.netns[netnsOf(snapshot, name)]?.path
  if (path === undefined) throw new Error(`no way into ${name}`)
  return ['nsenter', `--net=${path}`]
}

/** Lets something answer at ports of a namespace, by tcp and udp, until the sandbox is taken down. */
export async function serve(
  host: SandboxHost,
  way: readonly string[],
  ports: readonly number[],
  family: Family = 'inet',
): Promise<void> {
  const argv = [...way, process.execPath, join(import.meta.dirname, 'serveChild.mjs'), family, ...ports.map(String)]
  const child = host.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('no output to read from')
  await once(child.stdout, 'data')
}
