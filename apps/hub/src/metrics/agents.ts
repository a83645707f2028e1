import {
  AGENT_METRIC_KEYS,
  AGENT_METRICS,
  type AgentMetric,
  type AgentValues,
  agentMetricsSchema,
  readMessage,
} from '@hopscope/protocol'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Hosts } from '../hosts/hosts.ts'
import type { AgentNamespace, Sockets } from '../sockets/server.ts'

/** An agent that has not answered by then is left out. */
const PATIENCE = 1500

type Told = { host: string; values: AgentValues; revision: number; seconds: number }

/**
 * The figures of the agents, which have no listener of their own: they are asked over their connection when somebody asks the
 * hub. An answer comes after everything that was sent before it, so the time it takes is how far the hub is behind.
 * Only hosts that the agent serves are told of: nobody makes up labels. Call the result before the registry is read.
 */
export function measureAgents(registry: Registry, hosts: Hosts, sockets: Sockets): () => Promise<void> {
  const labelNames = ['host']
  const registers = [registry]
  const gauges = new Map<AgentMetric, Gauge | Counter>()
  for (const key of AGENT_METRIC_KEYS) {
    const { name, type, help } = AGENT_METRICS[key]
    const options = { name, help, labelNames, registers }
    gauges.set(key, type === 'gauge' ? new Gauge(options) : new Counter(options))
  }
  const hub = (name: string, help: string) => new Gauge({ name: `hopscope_hub_${name}`, help, labelNames, registers })
  const revision = hub('revision', 'Revision of what the hub holds of a host.')
  const lag = hub('revision_lag', 'Revisions that the agent has published and the hub does not have yet.')
  const seconds = hub('agent_answer_seconds', 'Time until the agent answered, behind everything it had sent before.')

  return async () => {
    const told = (
      await Promise.all([...sockets.agents.sockets.values()].map((agent) => ask(agent, hosts, sockets)))
    ).flat()
    for (const metric of [...gauges.values(), revision, lag, seconds]) metric.reset()
    for (const { host, version } of hosts.list()) revision.set({ host: host.id }, version.revision)
    for (const one of told) {
      const { host } = one
      for (const [key, metric] of gauges) {
        const value = one.values[key]
        // Both begin at nothing after `reset`, so adding sets them.
        if (value !== undefined) metric.inc({ host }, value)
      }
      lag.set({ host }, Math.max(0, (one.values.revision ?? one.revision) - one.revision))
      seconds.set({ host }, one.seconds)
    }
  }
}

type Agent = AgentNamespace['sockets'] extends Map<string, infer S> ? S : never

async function ask(agent: Agent, hosts: Hosts, { patience }: Sockets): Promise<Told[]> {
  const asked = performance.now()
  const answer: unknown = await new Promise((resolve) => {
    agent.timeout(PATIENCE).emit('metrics', (error: Error | null, metrics: unknown) => {
      if (!error) patience.accepted(agent.conn)
      resolve(error ? [] : metrics)
    })
  })
  const seconds = (performance.now() - asked) / 1000
  const parsed = readMessage(agentMetricsSchema, answer)
  const revisions = new Map(hosts.list().map(({ host, version }) => [host.id, version.revision]))
  const mine = (parsed.success ? parsed.data : []).filter(({ hostId }) => hosts.agentOf(hostId) === agent.id)
  const byHost = new Map(mine.map((m) => [m.hostId, m.values]))
  return [...byHost].map(([host, values]) => ({ host, values, revision: revisions.get(host) ?? 0, seconds }))
}
