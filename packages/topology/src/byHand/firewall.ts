import type { FwTable, HostSnapshot } from '@hopscope/model'
import type { ByHand } from './fact.ts'
import { inNamespace } from './namespace.ts'
import { quote } from './quote.ts'

/** A table, chain or rule in the dialect it was written in. */
export function firewallFacts(s: HostSnapshot, kind: 'fwTable' | 'fwChain' | 'fwRule', id: string): ByHand[] {
  const record = s.records[kind][id]
  if (!record) return []
  const run = inNamespace(s, record.netns)
  const table = Object.values(s.records.fwTable).find(
    (t) =>
      t.netns === record.netns && t.engine === record.engine && t.family === record.family && t.table === record.table,
  )
  const chain = 'chain' in record ? record.chain : undefined
  const position = 'position' in record ? record.position : undefined
  const facts: ByHand[] = []
  if (record.engine === 'legacy' || table?.dialect === 'iptables')
    facts.push(...iptables(s, { ...record, chain, position }).map((f) => ({ ...f, command: run.any(f.command) })))
  if (record.engine === 'nft') {
    const words = [record.family, quote(record.table), ...(chain === undefined ? [] : [quote(chain)])].join(' ')
    const handles = position === undefined ? '' : '-a '
    const what = chain === undefined ? 'table' : 'chain'
    facts.push({ fact: 'nft', command: run.any(`nft ${handles}list ${what} ${words}`) })
  }
  return facts
}

type Place = Pick<FwTable, 'engine' | 'family' | 'table'> & { chain: string | undefined; position: number | undefined }

function iptables(s: HostSnapshot, { engine, family, table, chain, position }: Place): ByHand[] {
  const program = { ip: 'iptables', ip6: 'ip6tables', arp: 'arptables', bridge: 'ebtables' }[family]
  if (program === undefined) return []
  // Where both engines hold rules, the plain name is one of them: say which.
  const both = Object.values(s.records.fwTable).some((t) => t.engine === 'legacy')
  const tool = engine === 'legacy' ? `${program}-legacy` : both ? `${program}-nft` : program
  if (family === 'bridge')
    return [
      {
        fact: 'rules',
        command: [tool, '-t', quote(table), '-L', ...(chain === undefined ? [] : [quote(chain)])].join(' '),
      },
    ]
  const where = chain === undefined ? '' : ` ${quote(chain)}`
  const number = position === undefined ? '' : ` ${position}`
  return [
    {
      fact: 'rules',
      command: `${tool} -t ${quote(table)} -L${where}${number} -n -v${position === undefined ? ' --line-numbers' : ''}`,
    },
    { fact: 'asTyped', command: `${tool} -t ${quote(table)} -S${where}${number}` },
  ]
}
