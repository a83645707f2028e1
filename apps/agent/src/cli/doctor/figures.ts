import { z } from 'zod'

export const figureSchema = z.strictObject({
  name: z.string(),
  /** The sum of a counter, the largest of a gauge, the mean of a histogram. */
  value: z.number(),
  /** What it consists of, when that is more than one. */
  parts: z.string().optional(),
  meaning: z.string(),
  ok: z.boolean(),
  remedy: z.string().optional(),
})
export type Figure = z.infer<typeof figureSchema>

type Sample = { suffix: string; label: string; value: number }
type Family = { name: string; help: string; type: string; samples: Sample[] }
type Rule = { above: number; of?: string; remedy: string }

const SLOW = 'The machine has too little processor time for it: see what else runs, or look at fewer hosts.'
const READER = 'Its network is slow or its window sleeps: nothing is lost, it catches up by itself.'

/** From which value on something is to be done. `of`: only that part of the figure counts. */
const RULES: Record<string, Rule> = {
  hopscope_hub_hosts: {
    above: 0,
    of: 'stale',
    remedy: 'Start the agent of the stale host, or forget the host on the page.',
  },
  hopscope_hub_revision_lag: { above: 100, remedy: SLOW },
  hopscope_hub_agent_answer_seconds: { above: 1, remedy: SLOW },
  hopscope_hub_page_buffered_bytes: { above: 1e6, remedy: READER },
  hopscope_hub_pages_cut_total: { above: 0, remedy: READER },
  hopscope_hub_resyncs_total: {
    above: 0,
    of: 'wrong_hash',
    remedy: 'States were put right by a whole snapshot. Please report it, with the logs of hub and agent.',
  },
  hopscope_hub_refused_requests_total: {
    above: 0,
    of: 'AGENT_KEY_WRONG',
    remedy: "An agent shows another key: give it the agent.key of this hub's data folder.",
  },
  hopscope_hub_refused_messages_total: {
    above: 0,
    remedy: 'Hub, agent or page are of different versions: update the older.',
  },
  hopscope_hub_event_loop_delay_max_seconds: { above: 0.25, remedy: SLOW },
  hopscope_agent_event_loop_delay_max_seconds: { above: 0.25, remedy: SLOW },
  hopscope_agent_netlink_losses_total: {
    above: 0,
    remedy:
      'Everything was read again, so the map is right. If it grows, raise net.core.rmem_max or see who floods the kernel.',
  },
  hopscope_agent_repairs_total: {
    above: 0,
    remedy: 'The map is right now. Please report what changed on the host then.',
  },
  hopscope_agent_hub_buffered_bytes: {
    above: 1e6,
    remedy: 'The hub does not read: see whether it is busy, and the network to it.',
  },
  hopscope_agent_resident_memory_bytes: {
    above: 250e6,
    remedy: 'A very large host needs that. If it still grows, restart the agent and report it.',
  },
  process_resident_memory_bytes: {
    above: 500e6,
    remedy: 'Many hosts or pages need that. If it still grows, restart the hub and report it.',
  },
}

/** Figures in Prometheus' text format, each with a sentence on what it means and, where a value is bad, what to do. */
export function figuresOf(text: string): Figure[] {
  return familiesOf(text).flatMap((family) => figureOf(family) ?? [])
}

function figureOf({ name, help, type, samples }: Family): Figure | undefined {
  if (samples.length === 0) return undefined
  const rule = RULES[name]
  const figure = type === 'histogram' ? meanOf(samples) : aggregateOf(type, samples)
  const judged =
    rule?.of === undefined
      ? figure.value
      : aggregateOf(
          type,
          samples.filter((s) => s.label === rule.of),
        ).value
  const bad = rule !== undefined && judged > rule.above
  return { name, ...figure, meaning: help, ok: !bad, ...(bad && { remedy: rule.remedy }) }
}

function aggregateOf(type: string, samples: readonly Sample[]): { value: number; parts?: string } {
  const values = samples.map(({ value }) => value)
  const value = type === 'counter' ? values.reduce((a, b) => a + b, 0) : Math.max(0, ...values)
  const telling = samples.filter((s) => s.label !== '' && s.value !== 0)
  const parts = telling.map((s) => `${s.label} ${Number(s.value.toPrecision(3))}`).join(', ')
  return { value, ...(samples.length > 1 && parts && { parts }) }
}

function meanOf(samples: readonly Sample[]): { value: number; parts?: string } {
  const total = (suffix: string) => samples.filter((s) => s.suffix === suffix).reduce((sum, s) => sum + s.value, 0)
  const count = total('_count')
  return { value: count === 0 ? 0 : total('_sum') / count, parts: `mean of ${count}` }
}

function familiesOf(text: string): Family[] {
  const families: Family[] = []
  for (const line of text.split('\n')) {
    const help = /^# HELP (\w+) (.*)$/.exec(line)
    const type = /^# TYPE \w+ (\w+)$/.exec(line)
    const sample = /^(\w+)(?:\{(.*)\})? ([-+.\deE]+)$/.exec(line)
    const last = families.at(-1)
    if (help) families.push({ name: help[1] ?? '', help: help[2] ?? '', type: '', samples: [] })
    else if (type && last) last.type = type[1] ?? ''
    else if (sample && last && sample[1]?.startsWith(last.name)) {
      const label = /^\w+="((?:[^"\\]|\\.)*)"/.exec(sample[2] ?? '')?.[1] ?? ''
      last.samples.push({ suffix: sample[1].slice(last.name.length), label, value: Number(sample[3]) })
    }
  }
  return families
}
