import { z } from 'zod'

/** How a figure behaves: a `counter` only grows while its process lives, a `gauge` goes up and down. */
export type MetricType = 'counter' | 'gauge'
export type Metric = { name: string; type: MetricType; help: string }

/** What is told of each observer (one process per observed host), by the key that it has on the wire. Names as Prometheus has them. */
export const AGENT_METRICS = {
  revision: gauge('revision', 'Revision of the state that the agent published last.'),
  records: gauge('records', 'Records in the state: links, addresses, routes, rules, containers and so on.'),
  namespaces: gauge('namespaces', 'Network namespaces that are observed.'),
  losses: counter(
    'netlink_losses_total',
    'Times the kernel dropped events because they were not read in time (ENOBUFS).',
  ),
  redumps: counter('redumps_total', 'Times everything was read again after a loss.'),
  repairs: counter('repairs_total', 'Records that the sweep found changed although no event had told.'),
  reads: counter('table_reads_total', 'Reads of routing tables, links, neighbours and so on, of one namespace each.'),
  scanSeconds: gauge('namespace_scan_seconds', 'Time that the last search for namespaces took.'),
  loopDelay: gauge(
    'event_loop_delay_max_seconds',
    'Longest time in the last minute that a timer had to wait for its turn.',
  ),
  cpuSeconds: counter('cpu_seconds_total', 'Processor time of the observer, user and system.'),
  memory: gauge('resident_memory_bytes', 'Memory of the observer that is in RAM.'),
  snapshots: counter('snapshots_sent_total', 'Whole states that were sent to the hub.'),
  patches: counter('patches_sent_total', 'Patches that were sent to the hub.'),
  unsent: counter('messages_unsent_total', 'Messages that were left out because the hub was away or did not read.'),
  waiting: gauge('hub_buffered_bytes', 'Bytes that wait for the hub to read them.'),
} as const satisfies Record<string, Metric>

export type AgentMetric = keyof typeof AGENT_METRICS
export type AgentValues = Partial<Record<AgentMetric, number>>

// An object's keys, which TypeScript gives as mere strings.
export const AGENT_METRIC_KEYS = Object.keys(AGENT_METRICS) as [AgentMetric, ...AgentMetric[]]

/** The figures of one observed host. */
export const hostMetricsSchema = z.strictObject({
  hostId: z.string().min(1).max(200),
  values: z.partialRecord(z.enum(AGENT_METRIC_KEYS), z.number().nonnegative()),
})
export type HostMetrics = z.infer<typeof hostMetricsSchema>

/** What an agent answers when it is asked for its figures. */
export const agentMetricsSchema = z.array(hostMetricsSchema).max(1000)

function gauge(name: string, help: string): Metric {
  return { name: `hopscope_agent_${name}`, type: 'gauge', help }
}

function counter(name: string, help: string): Metric {
  return { name: `hopscope_agent_${name}`, type: 'counter', help }
}
