export { type ComparedRow, type Comparison, compareWays } from './compare.ts'
export { isOurs, isStart, LATE_PREROUTING, ourChain, TRACE_TABLE, type TraceEvent } from './events.ts'
export { factsOf } from './facts.ts'
export {
  type Alternative,
  alternativesOf,
  type Filter,
  type Literal,
  type Test,
} from './filter/filter.ts'
export { matches } from './filter/matches.ts'
export {
  type FilterError,
  type FilterErrorCode,
  type Names,
  type ParsedFilter,
  parseFilter,
} from './filter/parse.ts'
export { widen } from './filter/widen.ts'
export type { Headers } from './headers.ts'
export { createPacketizer, type TracedPacket } from './packets.ts'
export { pcapFile } from './pcap.ts'
export { type Story, tellStory } from './story.ts'
export { joinPackets, lastHeaders, type Travel } from './travels.ts'
export { sayFilterError, sayTooMany, TRACE_WORDS } from './words/words.ts'
