import { namerOf } from '@hopscope/path'
import { TRACE_WORDS } from '@hopscope/trace'
import type { Command } from 'commander'
import { prove } from '../../capture/prove.ts'
import { CliError, EXIT } from '../exit.ts'
import { type FlowOptions, senderIn, wantedOf } from '../flow.ts'
import { languageOf } from '../language.ts'
import { observing, settledSnapshot, type VantageOptions } from '../observation.ts'
import { jsonText } from '../text/json.ts'
import { proofText } from '../text/proofText.ts'
import { withVantage } from './change.ts'
import { type CommandContext, examplesText } from './observe.ts'

type Options = VantageOptions & FlowOptions & { json?: boolean }

/** Adds the command that sends a packet and compares its way with the predicted one. */
export function addProveCommand(program: Command, { terminal, env, done }: CommandContext): void {
  withVantage(
    program.command('prove').description('send one packet, follow it, and lay its way over the predicted one'),
  )
    .requiredOption('--from <who>', 'a container, a namespace, or "root" for the host itself')
    .requiredOption('--to <where>', 'an address or a name as the sender would resolve it, with :port for tcp and udp')
    .option('--proto <protocol>', 'tcp, udp, icmp, or arp (who has it?); tcp where a port is given, else icmp')
    .option('--json', 'the prediction, what was seen, and the comparison as JSON')
    .addHelpText(
      'after',
      examplesText([
        'hopscope prove --from web --to 172.17.0.3 --vantage demo-1',
        'hopscope prove --from root --to 10.20.0.10:80 --vantage demo-1',
        'hopscope prove --from web --to 172.17.0.3 --proto arp --vantage demo-1',
      ]),
    )
    .action(async (options: Options) => {
      const language = languageOf(env.LANG)
      const wanted = wantedOf(options, language)
      const code = await observing(options, async (observer) => {
        const from = senderIn(await settledSnapshot(observer), options, language)
        const proof = await prove({ from, ...wanted }, () => observer.snapshot())
        if ('because' in proof) throw new CliError(EXIT.failure, TRACE_WORDS[language].unprovable[proof.because])
        const telling = { language, namer: namerOf(observer.snapshot()), paint: terminal.paint }
        terminal.out(options.json ? `${jsonText(proof)}\n` : proofText(proof, telling))
        return EXIT.ok
      })
      done(code)
    })
}
