import type { PathReason } from '@hopscope/model'
import type { Field } from '../rules/rule.ts'

/** What can be said of a hop. `{name}` stands for a parameter. */
export const SENTENCES = [
  'resolve.hosts',
  'resolve.docker',
  'send',
  'send.process',
  'send.asks',
  'arrive',
  'chain.empty',
  'chain.accept',
  'chain.drop',
  'chain.unmatched',
  'chain.none',
  'hit',
  'nat.dnat',
  'nat.snat',
  'nat.masquerade',
  'nat.redirect',
  'nat.reverse',
  'conntrack.created',
  'conntrack.reused',
  'route.local',
  'route.link',
  'route.gateway',
  'route.broadcast',
  'route.multicast',
  'route.unreachable',
  'route.blackhole',
  'route.prohibit',
  'route.none',
  'neighbour.known',
  'neighbour.asked',
  'neighbour.unanswered',
  'neighbour.failed',
  'leave',
  'veth',
  'bridge.known',
  'bridge.flooded',
  'bridge.local',
  'bridge.none',
  'bridge.fromHost',
  'bridge.fromHostFlooded',
  'bridge.broadcast',
  'bridge.broadcastUp',
  'bridge.fromHostBroadcast',
  'macvlan',
  'tunnel.encapsulated',
  'tunnel.decapsulated',
  'deliver.process',
  'deliver.proxy',
  'deliver.kernel',
  'deliver.answers',
  'deliver.told',
  'deliver',
  'outside',
  'answered',
] as const
export type Sentence = (typeof SENTENCES)[number]

/** What a rule or a chain does with the packet. */
export const VERDICT_WORDS = [
  'continue',
  'jump',
  'goto',
  'return',
  'accept',
  'drop',
  'reject',
  'queue',
  'stolen',
] as const
export type VerdictWord = (typeof VERDICT_WORDS)[number]

export const OUTCOMES = ['delivered', 'left', 'refused', 'dropped', 'undetermined'] as const
export type OutcomeWord = (typeof OUTCOMES)[number]

export const SUGGESTIONS = [
  'LINK_UP',
  'PEER_UP',
  'FORWARDING_ON',
  'RULE_BEFORE',
  'RULE_REMOVE',
  'POLICY_CHANGE',
  'RP_FILTER_LOOSE',
  'ROUTE_ADD',
  'ROUTE_DELETE',
  'LISTEN',
  'NEIGHBOUR_DELETE',
  'FDB_DELETE',
  'OTHER_ADDRESS',
  'MASQUERADE_TOO',
  'ADDRESS_CHECK',
  'HAIRPIN_ON',
  'ISOLATION_OFF',
  'PORT_FORWARDING',
  'USE_BRIDGE_NETWORK',
  'SMALLER_PACKETS',
  'LOOP_BREAK',
  'USE_ADDRESS',
  'USER_NETWORK',
  'SAME_NETWORK',
  'SEE_SOURCE',
  'TRY_IT',
  'ASK_GATEWAY',
  'ARP_ON',
] as const
export type SuggestionCode = (typeof SUGGESTIONS)[number]

/** What can be wrong with a question that was typed. */
export const ASK_ERRORS = [
  'SENDER_MISSING',
  'UNKNOWN_SENDER',
  'NOT_RUNNING',
  'DESTINATION_MISSING',
  'UNKNOWN_PROTOCOL',
  'PORT_MISSING',
  'NOT_A_PORT',
  'PORT_OF_ICMP',
  'PORT_OF_ARP',
  'TOO_MUCH',
] as const
export type AskErrorCode = (typeof ASK_ERRORS)[number]

/** Why a rule did not match. `nothing` is said in the place of what a packet does not have, `or` between parts of a rule; `line` is the whole rule with its reason. */
export const MISSES = [
  'differs',
  'among',
  'excluded',
  'empty',
  'lacks',
  'noEntry',
  'may',
  'one',
  'oneOf',
  'changed',
  'unseen',
  'nothing',
  'or',
  'line',
] as const
export type MissWord = (typeof MISSES)[number]

export type PathWords = {
  sentences: Readonly<Record<Sentence, string>>
  /** What a rule that matched does: `{to}` is the chain it leads to. */
  verdicts: Readonly<Record<VerdictWord, string>>
  outcomes: Readonly<Record<OutcomeWord, string>>
  reasons: Readonly<Record<PathReason, string>>
  suggestions: Readonly<Record<SuggestionCode, string>>
  /** What a part of a rule looks at. */
  fields: Readonly<Record<Field, string>>
  misses: Readonly<Record<MissWord, string>>
  /** What is wrong with a question. */
  asking: Readonly<Record<AskErrorCode, string>>
  /** Where in a line that was typed something is wrong, and what may have been meant. */
  typed: Readonly<Record<'at' | 'near' | 'known', string>>
  places: Readonly<Record<'root' | 'container' | 'netns' | 'unnamed', string>>
  ways: Readonly<Record<'forward' | 'back', string>>
  /** Between sentences of one hop. */
  between: string
}
