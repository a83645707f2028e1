import { explainText, namerOf, predict, withPassedOver } from '@hopscope/path'
import type { Command } from 'commander'
import { EXIT } from '../exit.ts'
import { type FlowOptions, senderIn, wantedOf } from '../flow.ts'
import { languageOf } from '../language.ts'
import { observing, settledSnapshot, type VantageOptions } from '../observation.ts'
import { jsonText } from '../text/json.ts'
import { withVantage } from './change.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Options = VantageOptions & FlowOptions & { json?: boolean; rules?: boolean }

/** Adds the command that predicts the way of a packet. */
export function addExplainCommand(program: Command, { terminal, env, done }: CommandContext): void {
  withVantage(
    program.command('explain').description('predict whether a packet arrives, hop by hop and back, and what stops it'),
  )
    .requiredOption('--from <who>', 'a container, a namespace, "root" for the host itself, or "outside"')
    .requiredOption('--to <where>', 'an address or a name as the sender would resolve it, with :port for tcp and udp')
    .option('--proto <protocol>', 'tcp, udp, icmp, or arp (who has it?); tcp where a port is given, else icmp')
    .option('--rules', 'also the rules that did not match, and why')
    .option('--json', 'the prediction as JSON, with these rules')
    .addHelpText(
      'after',
      examplesText([
        'hopscope explain --from web --to 172.17.0.3 --vantage demo-1',
        'hopscope explain --from outside --to 192.168.66.11:8080 --vantage demo-1',
        'hopscope explain --from root --to 10.20.0.10:53 --proto udp',
        'hopscope explain --from web --to 172.17.0.3 --proto arp --vantage demo-1',
      ]),
    )
    .action(async (options: Options) => {
      const language = languageOf(env.LANG)
      const wanted = wantedOf(options, language)
      const code = await observing(options, async (observer) => {
        const snapshot = await settledSnapshot(observer)
        const prediction = predict(snapshot, { from: senderIn(snapshot, options, language), ...wanted })
        const rules = options.rules ? snapshot : undefined
        const telling = { language, namer: namerOf(snapshot), paint: terminal.paint, rules }
        const text = options.json
          ? `${jsonText(withPassedOver(prediction, snapshot))}\n`
          : explainText(prediction, telling)
        terminal.out(text)
        return EXIT.ok
      })
      done(code)
    })
}
