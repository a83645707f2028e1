export { type ComparedRow, type Comparison, compareWays } from './compare.ts'
export { isOurs, isStart, LATE_PREROUTING, ourChain, TRACE_TABLE, type TraceEvent, traceEventSchema } from './events.ts'
export { factsOf } from './facts.ts'
export {
  type Alternative,
  alternativesOf,
  type Filter,
  type Literal,
  MOST_ALTERNATIVES,
  type Test,
} from './filter/filter.ts'
export { matches } from './filter/matches.ts'
export {
  FILTER_ERRORS,
  type FilterError,
  type FilterErrorCode,
  type Names,
  type ParsedFilter,
  parseFilter,
} from './filter/parse.ts'
export { widen } from './filter/widen.ts'
export { type Headers, readHeaders } from './headers.ts'
export { createPacketizer, type Packetizer, type TracedPacket } from './packets.ts'
export { pcapFile } from './pcap.ts'
export { type Story, tellStory } from './story.ts'
export { joinPackets, lastHeaders, type Travel } from './travels.ts'
export { sayFilterError, sayTooMany, TRACE_WORDS } from './words/words.ts'
