import { fwChainId, fwRuleId, fwTableId } from '@hopscope/model'
import { findNetns } from '../find.ts'
import { ruleOf } from '../plan/firewall.ts'
import { jumpsFrom, nameOf, tableOf } from '../plan/ownChains.ts'
import type { Drawn } from './sketch.ts'

/** No kernel gives such handles. */
const PLACEHOLDER = 4_000_000_000

export const expectedFirewall: Drawn<'rule.add'> = {
  /** No map shows it: what comes after it in a guide is planned on it. */
  'rule.add'(command, sketch) {
    const before = sketch.now()
    const own = ruleOf(command, before, findNetns(before, command.netns))
    const table = tableOf(before, own)
    const at = { netns: own.netns, engine: table.engine, family: own.family, table: own.table }
    const chain = nameOf(own)
    const from = jumpsFrom(own, table)
    const put = (into: string, words: readonly string[], position: number): void => {
      const rule = { ...at, chain: into, handle: PLACEHOLDER + position, position }
      const target = words[words.indexOf('-j') + 1] ?? ''
      sketch.put('fwRule', { ...rule, id: fwRuleId(rule), text: ['-A', into, ...words].join(' '), target })
    }
    const id = fwTableId(at)
    if (before.records.fwTable[id] === undefined) sketch.put('fwTable', { ...at, id, dialect: 'iptables', flags: [] })
    if (table.chain(chain) === undefined) sketch.put('fwChain', { ...at, chain, id: fwChainId({ ...at, chain }) })
    if (!table.rules(from).some(({ target }) => target === chain)) put(from, ['-j', chain], 0)
    put(chain, own.words, table.rules(chain).length + 1)
  },
}
