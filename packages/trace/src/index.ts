export { type ComparedRow, type Comparison, compareWays } from './compare.ts'
export {
  FIRST_PRIORITY,
  isOurs,
  isStart,
  LAST_PRIORITY,
  LATE_PREROUTING,
  LATE_PRIORITY,
  ourChain,
  TRACE_TABLE,
  type TraceEvent,
} from './events.ts'
export { type Facts, factsOf } from './facts.ts'
export {
  type Alternative,
  alternativesOf,
  type Filter,
  type Literal,
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
export { type FilterFault, type ReadFilter, readFilter } from './filter/read.ts'
export { widen } from './filter/widen.ts'
export { type Copy, tellCopies } from './flood.ts'
export type { Headers } from './headers.ts'
export { createLegacyLogs, type LegacyLog, type LegacyLogs } from './legacy.ts'
export { createPacketizer, type TracedPacket } from './packets.ts'
export { type Head, headOf, pcapFile } from './pcap.ts'
export { createRetelling } from './retelling.ts'
export { isLost, type Story, tellStory } from './story.ts'
export { type LegacyObstacle, TRACED_ALREADY, type TraceSummary } from './summary.ts'
export { joinPackets, lastHeaders, type Travel } from './travels.ts'
export { storyText } from './words/storyText.ts'
export { type ArpResult, sayAsked, sayFilterFault, sayPlaces, saySummary, TRACE_WORDS } from './words/words.ts'
