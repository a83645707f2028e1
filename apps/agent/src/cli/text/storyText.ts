import { type Hop, visible } from '@hopscope/model'
import { flowText, type Namer, PATH_WORDS, sayHop, sayOutcome } from '@hopscope/path'
import type { Story } from '@hopscope/trace'
import type { CaptureSummary } from '../../capture/session.ts'
import type { Paint } from '../terminal.ts'

type Told = { story: Story; at: Date; namer: Namer }

/** One packet's way, a line for each hop: * was seen, - follows from what is known of the host. */
export function storyText({ story, at, namer }: Told, paint: Paint): string {
  const { way, flow, partial } = story
  const title = `${at.toISOString().slice(11, 23)}  ${flow ? flowText(flow) : '?'}`
  const lines = way.hops.map((hop) => `  ${mark(hop)} ${sayHop(hop, 'en', namer)}`)
  const part = partial ? [paint('yellow', '  ! Messages were lost: this is not all of its way.')] : []
  const colour = way.outcome.verdict === 'delivered' || way.outcome.verdict === 'left' ? 'green' : 'red'
  const outcome = paint(colour, `  = ${sayOutcome(way.outcome, 'en', namer)}`)
  return [paint('bold', visible(title)), ...lines, ...part, outcome].join('\n')
}

const mark = ({ basis }: Hop): string => (basis === 'observed' ? '*' : '-')

/** What a tracing came to: nothing that was lost is left unsaid. */
export function summaryText(summary: CaptureSummary, namer: Namer): string {
  const { shown, partial, meant, traced, lost, namespaces, unavailable, legacy, ended } = summary
  const place = (netns: string) => namer.place(netns, PATH_WORDS.en)
  const lines = [
    `${shown} packets shown in ${namespaces} namespaces (${ENDED[ended]}).`,
    ...(partial > 0 ? [`${partial} of them are not whole.`] : []),
    ...(meant > traced ? [`${meant - traced} times a packet that was meant was beyond the limits.`] : []),
    ...(lost > 0 ? [`${lost} times what the kernel told of a packet was lost.`] : []),
    ...unavailable.map(({ netns, because }) => `Nothing can be traced in ${place(netns)}: ${because}`),
    ...legacy.map((netns) => `Of the rules of iptables-legacy in ${place(netns)} nothing is told.`),
  ]
  return lines.map(visible).join('\n')
}

const ENDED: Record<CaptureSummary['ended'], string> = {
  packets: 'as many as asked for',
  seconds: 'the time is over',
  stopped: 'stopped',
}
