import type { Block } from '../model/page.ts'
import { Age } from './Age.tsx'
import { Cable } from './Cable.tsx'
import { Chains } from './Chains.tsx'
import { Counters } from './Counters.tsx'
import { Facts } from './Facts.tsx'
import { FileView } from './FileView.tsx'
import { Flags } from './Flags.tsx'
import { Group } from './Group.tsx'
import { Note } from './Note.tsx'
import { Rows } from './Rows.tsx'
import { RuleCounter } from './RuleCounter.tsx'

/** One part of a section, drawn as its kind asks for. */
export function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'facts':
      return block.facts.length > 0 ? <Facts facts={block.facts} /> : null
    case 'say':
      return <Note said={block.say} tone={block.tone} />
    case 'rows':
      return <Rows rows={block.rows} empty={block.empty} />
    case 'group':
      return <Group title={block.title} to={block.to} icon={block.icon} facts={block.facts} />
    case 'cable':
      return <Cable ends={block.ends} said={block.say} />
    case 'flags':
      return <Flags flags={block.flags} />
    case 'counters':
      return <Counters hostId={block.hostId} link={block.link} />
    case 'chains':
      return <Chains hostId={block.hostId} chains={block.chains} />
    case 'ruleCounter':
      return <RuleCounter hostId={block.hostId} rule={block.rule} />
    case 'age':
      return <Age hostId={block.hostId} topic={block.topic} id={block.id} />
    case 'file':
      return <FileView name={block.name} content={block.content} missing={block.missing} />
  }
}
