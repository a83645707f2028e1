import type { Flow, Hop, HopOf, LinkRef, Outcome, RuleHit } from '@hopscope/model'
import type { AskError } from '../asking.ts'
import type { PassedOver } from '../passedOver.ts'
import type { Miss } from '../rules/miss.ts'
import type { Field } from '../rules/rule.ts'
import type { Suggestion } from '../suggestion.ts'
import type { MissWord, PathWords, Sentence } from './codes.ts'
import { en } from './en.ts'
import { fill, type Params } from './fill.ts'
import type { Namer } from './namer.ts'
import { zhCN } from './zhCN.ts'

export const PATH_WORDS = { en, 'zh-CN': zhCN } as const
export type PathLanguage = keyof typeof PATH_WORDS

/** One hop in words, naming its objects; what a chain did takes several sentences. */
export function sayHop(hop: Hop, language: PathLanguage, namer: Namer): string {
  const words = PATH_WORDS[language]
  if (hop.kind === 'chain') return sayChain(hop, words)
  const { sentence, params } = sentenceOf(hop)
  return begun(fill(words.sentences[sentence], { place: namer.place(hop.netns, words), ...params(namer, words) }))
}

/** Which chain a hop is about, without what happened in it. */
export function sayChainName({ hook, family, table, chain }: HopOf<'chain'>, language: PathLanguage): string {
  return fill(PATH_WORDS[language].sentences['chain.none'], { hook, table: `${family} ${table}`, chain })
}

/** One rule that matched, and what it did. */
export function sayHit(hit: RuleHit, language: PathLanguage): string {
  return hitText(hit, PATH_WORDS[language])
}

/** Why a rule did not match, without a full stop: it stands beside the rule. */
export function sayMiss(miss: Miss, language: PathLanguage): string {
  const words = PATH_WORDS[language]
  const named = (fields: readonly Field[]) => fields.map((field) => words.fields[field]).join(' . ')
  const shown = (has: readonly string[]) => has.map((one) => (one === '' ? words.misses.nothing : one)).join(' . ')
  switch (miss.why) {
    case 'differs': {
      const { fields, wants } = miss
      const [has, field] = [shown(miss.has), named(fields)]
      const some = wants.length > MOST_VALUES ? [...wants.slice(0, MOST_VALUES), '…'] : wants
      return fill(words.misses[sentenceOfMiss(miss)], { field, has, wants: some.join(', ') })
    }
    case 'lacks':
      return fill(words.misses.lacks, { field: named(miss.fields) })
    case 'noEntry':
      return fill(words.misses.noEntry, { field: named(miss.fields), has: shown(miss.has) })
    case 'may':
      return fill(words.misses.may, { what: miss.what.join(words.misses.or) })
    case 'oneOf':
      return fill(words.misses[miss.what.length > 1 ? 'oneOf' : 'one'], { what: miss.what.join(words.misses.or) })
    case 'changed':
    case 'unseen':
      return words.misses[miss.why]
  }
}

function sentenceOfMiss({ not, wants }: Extract<Miss, { why: 'differs' }>): MissWord {
  if (wants.length === 0) return 'empty'
  return not ? 'excluded' : wants.length > 1 ? 'among' : 'differs'
}

/** The same with its rule, in one line. */
export function sayPassedOver({ chain, position, text, miss }: PassedOver, language: PathLanguage): string {
  return fill(PATH_WORDS[language].misses.line, {
    sign: miss.why === 'may' ? '?' : '✗',
    chain,
    position,
    rule: text.replace(/^-A \S+ /, ''),
    why: sayMiss(miss, language),
  })
}

/** So many values of a set are read. */
const MOST_VALUES = 6

/** How a way ends, and why. */
export function sayOutcome(outcome: Outcome, language: PathLanguage, namer: Namer): string {
  const words = PATH_WORDS[language]
  const { verdict, reason, netns, what } = outcome
  const place = netns === undefined ? '' : namer.place(netns, words)
  if (reason === undefined) {
    if (what === undefined) return words.outcomes[verdict]
    return `${words.outcomes[verdict]}${words.between}${begun(fill(words.sentences.answered, { place, what }))}`
  }
  return `${words.outcomes[verdict]}${words.between}${begun(fill(words.reasons[reason], { place, what }))}`
}

/** What could be changed, in words. */
export function saySuggestion({ code, params }: Suggestion, language: PathLanguage, namer: Namer): string {
  const words = PATH_WORDS[language]
  const place = typeof params.netns === 'string' ? namer.place(params.netns, words) : undefined
  return begun(fill(words.suggestions[code], { ...params, place }))
}

/** What is wrong with a question and what may have been meant; with the place of it in a line that was typed. */
export function sayAskError({ code, word, near, known }: AskError, language: PathLanguage, column?: number): string {
  const words = PATH_WORDS[language]
  const some = known.slice(0, MOST_NAMES).join(', ')
  const names = { words: known.length > MOST_NAMES ? `${some}, …` : some }
  const hint = known.length === 0 ? '' : `${words.between}${fill(words.typed.known, names)}`
  return `${sayTyped(fill(words.asking[code], { word }), { language, near, column })}${hint}`
}

/** So many names are read; more would hide what is wrong. */
const MOST_NAMES = 12

type Typed = { language: PathLanguage; near: readonly string[]; column: number | undefined }

/** An error of something that was typed: where it is, and what may have been meant. */
export function sayTyped(error: string, { language, near, column }: Typed): string {
  const { typed, between } = PATH_WORDS[language]
  // Both are filled in already, except for where.
  const said =
    column === undefined ? error : typed.at.replace('{column}', String(column)).replace('{error}', () => error)
  return near.length === 0 ? said : `${said}${between}${fill(typed.near, { words: near.join(', ') })}`
}

/** A place may stand first: "the host", which then begins a sentence. Chinese has no space before its marks. */
const begun = (sentence: string): string =>
  sentence
    .replace(/^(the|container|namespace) /, (word) => word.charAt(0).toUpperCase() + word.slice(1))
    .replace(/ (?=[。，：；（）])/g, '')

/** A packet in short, the same in every language: `tcp 172.17.0.2:40000 > 172.17.0.3:80`. */
export function flowText({ protocol, src, dst, sport, dport, icmpType, arpOperation }: Flow): string {
  if (arpOperation !== undefined) return `arp ${arpOperation === 1 ? 'request' : 'reply'} ${src} > ${dst}`
  const kind = icmpType === undefined ? '' : (ECHO[`${protocol} ${icmpType}`] ?? '')
  return `${protocol}${kind} ${endpoint(src, sport)} > ${endpoint(dst, dport)}`
}

const ECHO: Readonly<Record<string, string>> = {
  'icmp 8': ' echo request',
  'icmp 0': ' echo reply',
  'icmpv6 128': ' echo request',
  'icmpv6 129': ' echo reply',
}

const endpoint = (address: string, port: number | undefined): string => {
  if (port === undefined) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

type Said = { sentence: Sentence; params: (namer: Namer, words: PathWords) => Params }
const said = (sentence: Sentence, params: Said['params'] = () => ({})): Said => ({ sentence, params })

function sentenceOf(hop: Exclude<Hop, { kind: 'chain' }>): Said {
  switch (hop.kind) {
    case 'resolve':
      return said(`resolve.${hop.how}`, () => ({ name: hop.name, address: hop.address }))
    case 'send': {
      const { flow, link } = hop
      if (link) return said('send.asks', (namer) => ({ link: namer.link(link), src: flow?.src, dst: flow?.dst }))
      const packet = flow === undefined ? '' : flowText(flow)
      return said(hop.process === undefined ? 'send' : 'send.process', () => ({ packet, process: hop.process }))
    }
    case 'arrive':
    case 'leave':
    case 'outside':
      return said(hop.kind, (namer) => ({ link: namer.link(hop.link) }))
    case 'nat':
      return said(`nat.${hop.change}`, () => changed(hop))
    case 'conntrack':
      return said(`conntrack.${hop.entry}`, () => ({ state: hop.state.toUpperCase() }))
    case 'route':
      return routeSaid(hop)
    case 'neighbour':
      return neighbourSaid(hop)
    case 'veth':
      return said('veth', (namer, words) => ({
        from: namer.link(hop.from),
        to: namer.link(hop.to),
        there: namer.place(hop.to.netns, words),
      }))
    case 'bridge':
      return bridgeSaid(hop)
    case 'macvlan':
      return said('macvlan', (namer) => ({ from: namer.link(hop.from), to: namer.link(hop.to) }))
    case 'tunnel':
      return said(`tunnel.${hop.how}`, (namer) => ({ link: namer.link(hop.link), remote: hop.remote }))
    case 'deliver':
      return deliverSaid(hop)
  }
}

/** The side that changed, before and after. */
function changed({ change, before, after }: HopOf<'nat'>): Params {
  const source = change === 'snat' || change === 'masquerade'
  const both = change === 'reverse'
  const text = (flow: Flow): string => {
    if (both) return flowText(flow).slice(flow.protocol.length + 1)
    return source ? endpoint(flow.src, flow.sport) : endpoint(flow.dst, flow.dport)
  }
  return { before: text(before), after: text(after) }
}

function routeSaid(hop: HopOf<'route'>): Said {
  const { result, dst, gateway, out } = hop
  const link: Sentence = gateway === undefined ? 'route.link' : 'route.gateway'
  return said(result === 'unicast' ? link : `route.${result}`, (namer) => ({
    dst: hop.flow?.dst ?? dst,
    route: dst,
    gateway,
    link: out === undefined ? undefined : namer.link(out),
  }))
}

function neighbourSaid(hop: HopOf<'neighbour'>): Said {
  const { how, address, lladdr } = hop
  const sentence = how === 'asked' && lladdr === undefined ? 'neighbour.unanswered' : (`neighbour.${how}` as const)
  return said(sentence, (namer) => ({ address, lladdr, link: namer.link(hop.link) }))
}

function bridgeSaid(hop: HopOf<'bridge'>): Said {
  const { how, inPort, outPorts, mac } = hop
  const isForAll = mac === 'ff:ff:ff:ff:ff:ff'
  const fromHost: Sentence = how === 'flooded' ? 'bridge.fromHostFlooded' : 'bridge.fromHost'
  const usual: Sentence = inPort === undefined && how !== 'none' && how !== 'local' ? fromHost : `bridge.${how}`
  const sentence = isForAll && how === 'flooded' ? forAll(hop) : usual
  return said(sentence, (namer) => ({
    bridge: namer.link(hop.bridge),
    in: namer.link(inPort ?? hop.bridge),
    out: names(outPorts, namer),
    mac,
  }))
}

function forAll({ inPort, outPorts }: HopOf<'bridge'>): Sentence {
  if (inPort === undefined) return 'bridge.fromHostBroadcast'
  return outPorts.length === 0 ? 'bridge.broadcastUp' : 'bridge.broadcast'
}

function names(links: readonly LinkRef[], namer: Namer): string {
  const some = links.slice(0, MOST_NAMES).map((l) => namer.link(l))
  return (links.length > MOST_NAMES ? [...some, '…'] : some).join(', ')
}

function deliverSaid({ process, byKernel, lladdr }: HopOf<'deliver'>): Said {
  if (lladdr !== undefined) return said(byKernel ? 'deliver.answers' : 'deliver.told', () => ({ lladdr }))
  if (byKernel) return said('deliver.kernel')
  if (process === undefined) return said('deliver')
  const proxy = process.comm === 'docker-proxy'
  return said(proxy ? 'deliver.proxy' : 'deliver.process', () => ({ process: process.comm, pid: process.pid }))
}

function sayChain(hop: HopOf<'chain'>, words: PathWords): string {
  const { table, chain, hits, policy, verdict } = hop
  const params = { hook: hop.hook, table: `${hop.family} ${table}`, chain }
  const passes = verdict === 'accept'
  if (hits.length === 0) return fill(words.sentences[passes ? 'chain.empty' : 'chain.unmatched'], params)
  const sentences = [fill(words.sentences['chain.none'], params), ...hits.map((hit) => hitText(hit, words))]
  if (policy) sentences.push(fill(words.sentences[passes ? 'chain.accept' : 'chain.drop'], params))
  return sentences.join(words.between)
}

function hitText(hit: RuleHit, words: PathWords): string {
  const verdict = fill(words.verdicts[hit.verdict], { to: hit.to })
  const text = (hit.text ?? hit.target ?? '').replace(/^-A \S+ /, '')
  return fill(words.sentences.hit, { chain: hit.chain, position: hit.position ?? hit.handle, verdict, text })
}
