import { type HostSnapshot, normalIp, recordsOf, visible } from '@hopscope/model'
import { namerOf, type Origin, predict, type Query } from '@hopscope/path'
import type { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { languageOf } from '../language.ts'
import { observing, settledSnapshot, type VantageOptions } from '../observation.ts'
import { explainText } from '../text/explainText.ts'
import { jsonText } from '../text/json.ts'
import { unknownName } from '../vantage.ts'
import { withVantage } from './change.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Options = VantageOptions & { from: string; to: string; proto?: string; json?: boolean }

/** Adds the command that predicts the way of a packet. */
export function addExplainCommand(program: Command, { terminal, env, done }: CommandContext): void {
  withVantage(
    program.command('explain').description('predict whether a packet arrives, hop by hop and back, and what stops it'),
  )
    .requiredOption('--from <who>', 'a container, a namespace, "root" for the host itself, or "outside"')
    .requiredOption('--to <where>', 'an address or a name as the sender would resolve it, with :port for tcp and udp')
    .option('--proto <protocol>', 'tcp, udp or icmp; tcp where a port is given, else icmp')
    .option('--json', 'the prediction as JSON')
    .addHelpText(
      'after',
      examplesText([
        'hopscope explain --from web --to 172.17.0.3 --vantage demo-1',
        'hopscope explain --from outside --to 192.168.66.11:8080 --vantage demo-1',
        'hopscope explain --from root --to 10.20.0.10:53 --proto udp',
      ]),
    )
    .action(async (options: Options) => {
      const wanted = readWanted(options)
      const code = await observing(options, async (observer) => {
        const snapshot = await settledSnapshot(observer)
        const prediction = predict(snapshot, { from: originOf(snapshot, options.from), ...wanted })
        const telling = { language: languageOf(env.LANG), namer: namerOf(snapshot), paint: terminal.paint }
        terminal.out(options.json ? `${jsonText(prediction)}\n` : explainText(prediction, telling))
        return EXIT.ok
      })
      done(code)
    })
}

/** Where a packet goes, as it is typed. */
export function readWanted({ to, proto }: { to: string; proto?: string }): Omit<Query, 'from'> {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(to)
  const address = found?.[1] ?? found?.[2] ?? to
  const port = found ? Number(found[3]) : undefined
  const protocol = proto ?? (port === undefined ? 'icmp' : 'tcp')
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp')
    throw new CliError(EXIT.usage, `--proto takes tcp, udp or icmp, not "${visible(protocol)}".`)
  if (protocol === 'icmp' && port !== undefined)
    throw new CliError(EXIT.usage, `icmp has no ports: leave :${port} out, or give --proto tcp.`)
  if (protocol !== 'icmp' && (port === undefined || port < 1 || port > 65_535))
    throw new CliError(EXIT.usage, `${protocol} needs a port from 1 to 65535: --to ${visible(address)}:80.`)
  return { to: normalIp(address) ?? address, protocol, ...(port !== undefined && { port }) }
}

/** A container or a namespace by what a person calls it. */
export function originOf(snapshot: HostSnapshot, who: string): Origin {
  if (who === 'outside') return { kind: 'outside' }
  if (who === 'root' || who === 'host') return { kind: 'netns', netns: snapshot.host.rootNetns }
  const containers = recordsOf(snapshot, 'container')
  const container = containers.find((c) => c.name === who || c.containerId === who)
  if (container?.netns !== undefined) return { kind: 'netns', netns: container.netns }
  if (container)
    throw new CliError(
      EXIT.failure,
      `The container "${visible(who)}" does not run. Start it: docker start ${visible(who)}`,
    )
  const spaces = recordsOf(snapshot, 'netns')
  const found = spaces.find(
    ({ id, names }) => id === who || names.some(({ name, by }) => name === who && by === 'iproute2'),
  )
  if (found) return { kind: 'netns', netns: found.id }
  const names = spaces.flatMap((s) => s.names.flatMap(({ name, by }) => (by === 'iproute2' ? [name] : [])))
  throw unknownName('sender', visible(who), [...containers.map((c) => c.name), ...names, 'root', 'outside'])
}
