import { writeFileSync } from 'node:fs'
import { type HostSnapshot, visible } from '@hopscope/model'
import { explainedWay, namerOf, type PathLanguage, type Telling } from '@hopscope/path'
import {
  type Alternative,
  type Head,
  headOf,
  isLost,
  pcapFile,
  readFilter,
  type Story,
  sayFilterFault,
  saySummary,
  storyText,
  TRACE_WORDS,
  TRACED_ALREADY,
} from '@hopscope/trace'
import type { Command } from 'commander'
import { type CaptureLimit, captureLimitSchema } from '../../capture/limit.ts'
import { ownPorts } from '../../capture/ownPorts.ts'
import { type Capture, openCapture } from '../../capture/session.ts'
import { readConfig } from '../../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { languageOf } from '../language.ts'
import { type Observer, observing, type VantageOptions } from '../observation.ts'
import type { Terminal } from '../terminal.ts'
import { jsonText } from '../text/json.ts'
import { withVantage } from './change.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Options = VantageOptions & {
  json?: boolean
  limit?: string
  rate?: string
  seconds?: string
  pcap?: string
  dropped?: boolean
  rules?: boolean
}

/** Adds the command that follows packets. */
export function addTraceCommand(program: Command, { terminal, env, done }: CommandContext): void {
  withVantage(program.command('trace').description('follow packets through all namespaces: every hop, rule and reason'))
    .argument('[filter]', 'which packets, in the words of tcpdump; a container stands for its addresses', '')
    .option('--limit <packets>', 'end after so many packets (1 to 10000)', '100')
    .option(
      '--rate <packets>',
      'trace at most so many a second that come in, and that are sent, in each namespace (1 to 10000)',
      '100',
    )
    .option('--seconds <seconds>', 'end after so many seconds (up to 600)', '30')
    .option('--dropped', 'show only packets that do not arrive')
    .option('--rules', 'also the rules that did not match, and why')
    .option('--pcap <file>', 'write the headers of the packets shown into a file')
    .option('--json', 'one JSON object per line: {"story"} for each packet, {"summary"} at the end')
    .addHelpText(
      'after',
      examplesText([
        "hopscope trace 'icmp and host 172.17.0.3' --limit 20 --seconds 10",
        "hopscope trace 'tcp dst port 8080' --vantage demo-1",
        "hopscope trace 'not port 22' --dropped --json | jq .story.way.outcome",
      ]),
    )
    .action(async (filter: string, options: Options) => {
      const limit = readLimit(options)
      done(
        await observing(options, (observer) =>
          trace({ filter, limit, options, observer, terminal, language: languageOf(env.LANG) }),
        ),
      )
    })
}

type Tracing = {
  filter: string
  limit: CaptureLimit
  options: Options
  observer: Observer
  terminal: Terminal
  language: PathLanguage
}

async function trace({ filter, limit, options, observer, terminal, language }: Tracing): Promise<number> {
  const { json, dropped, pcap, rules } = options
  await observer.quiet()
  const heads: Head[] = []
  let lost = 0
  const telling = (snapshot = observer.snapshot()): Telling => ({
    language,
    namer: namerOf(snapshot),
    paint: terminal.paint,
    rules: rules ? snapshot : undefined,
  })
  const told = (story: Story): string => {
    if (!json) return storyText(story, new Date(performance.timeOrigin + story.at), telling())
    return jsonText({ story: rules ? { ...story, way: explainedWay(story.way, observer.snapshot()) } : story })
  }
  const capture = openCapture({
    alternatives: meant(filter, observer.snapshot(), language),
    limit,
    snapshot: () => observer.snapshot(),
    own: ownPorts(observer.host, readConfig().findHub()),
    onStory(story, packets) {
      if (isLost(story)) lost++
      else if (dropped) return
      heads.push(...packets.slice(0, 1).flatMap((packet) => headOf(packet) ?? []))
      terminal.out(`${told(story)}\n`)
    },
  })
  terminal.err(
    `Tracing ${filter === '' ? 'all packets' : visible(filter)} in ${capture.namespaces} namespaces; Ctrl-C ends.\n`,
  )
  void terminal.closed.then(capture.stop)
  const unlisten = stopOnSignal(capture)
  const summary = await capture.done
  unlisten()
  const came = dropped ? { ...summary, dropped: lost } : summary
  if (json) terminal.out(`${jsonText({ summary: came })}\n`)
  else terminal.err(`${saySummary(came, telling()).join('\n')}\n`)
  if (pcap !== undefined) writeFileSync(pcap, pcapFile(heads, performance.timeOrigin))
  if (summary.namespaces > 0) return EXIT.ok
  const because = summary.unavailable[0]?.because ?? 'there is no namespace to trace in'
  throw new CliError(EXIT.unavailable, because === TRACED_ALREADY ? TRACE_WORDS[language].already : because)
}

function readLimit({ limit, rate, seconds }: Options): CaptureLimit {
  const parsed = captureLimitSchema.safeParse({ packets: Number(limit), rate: Number(rate), seconds: Number(seconds) })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [name] = issue?.path ?? []
  throw new CliError(EXIT.usage, `--${name === 'packets' ? 'limit' : String(name)}: ${issue?.message ?? 'wrong'}`)
}

function meant(text: string, { records }: HostSnapshot, language: PathLanguage): readonly Alternative[] {
  const read = readFilter(text, records)
  if (!read.ok) throw new CliError(EXIT.usage, sayFilterFault(read.fault, language))
  return read.alternatives
}

function stopOnSignal({ stop }: Capture): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, stop)
  return () => {
    for (const signal of signals) process.off(signal, stop)
  }
}
