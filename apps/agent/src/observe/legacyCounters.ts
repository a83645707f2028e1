import type { FwRule } from '@hopscope/model'
import { runInNetns } from '../run.ts'

export type RuleCounter = { packets: number; bytes: number }

const SAVE: Record<string, string | undefined> = { ip: 'iptables-legacy-save', ip6: 'ip6tables-legacy-save' }

/** Counters of iptables-legacy rules by record id; empty where the tool is missing. Same as "iptables-legacy-save -c". */
export async function readLegacyCounters(path: string, rules: readonly FwRule[]): Promise<Map<string, RuleCounter>> {
  const found = new Map<string, RuleCounter>()
  for (const family of new Set(rules.map((rule) => rule.family))) {
    const program = SAVE[family]
    if (program === undefined) continue
    const result = await runInNetns(path, [program, '-c'])
    if (result.kind === 'missing' || result.code !== 0) continue
    const counters = parseCounters(result.stdout)
    for (const rule of rules) {
      const counter = rule.family === family && counters.get(`${rule.table} ${rule.chain} ${rule.position}`)
      if (counter) found.set(rule.id, counter)
    }
  }
  return found
}

/** The "[packets:bytes]" of each rule, by "table chain position". */
export function parseCounters(output: string): Map<string, RuleCounter> {
  const counters = new Map<string, RuleCounter>()
  const positions = new Map<string, number>()
  let table = ''
  for (const line of output.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    const rule = /^\[(\d+):(\d+)\] -A (\S+)/.exec(line)
    if (!rule) continue
    const chain = `${table} ${rule[3]}`
    const position = (positions.get(chain) ?? 0) + 1
    positions.set(chain, position)
    counters.set(`${chain} ${position}`, { packets: Number(rule[1]), bytes: Number(rule[2]) })
  }
  return counters
}
