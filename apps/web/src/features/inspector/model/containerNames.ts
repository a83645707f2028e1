import type { Container } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { fact, facts, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { refTo, type Scope } from './context.ts'
import type { Section, Value } from './page.ts'

/** How a container is called and how it finds others: host name, DNS, extra hosts, --link, and the files Docker writes. */
export function namesSection(s: Scope, c: Container): Section {
  const gone = c.state === 'running' ? 'file' : 'notRunning'
  const aliases = [...new Set(c.attachments.flatMap((a) => a.aliases))]
  return section(
    'names',
    [
      facts(
        fact('hostname', c.hostname || say('none')),
        fact('domainname', c.domainname || undefined),
        fact('dns', ...listOr(c.dns, 'dnsInherited')),
        fact('dnsSearch', ...listOr(c.dnsSearch, 'none')),
        c.dnsOptions.length > 0 ? fact('dnsOptions', ...c.dnsOptions) : undefined,
        fact('extraHosts', ...listOr(c.extraHosts, 'none')),
        fact('linkOption', ...(c.links.length > 0 ? c.links.map((l) => linkOption(s, l)) : [say('none')])),
        aliases.length > 0 ? fact('aliases', ...aliases) : undefined,
      ),
      { kind: 'file', name: '/etc/hosts', content: c.etcHosts, missing: gone },
      { kind: 'file', name: '/etc/resolv.conf', content: c.resolvConf, missing: gone },
    ],
    { commands: byHand(s, 'container', c.id, 'hosts', 'dns') },
  )
}

const listOr = (list: readonly string[], none: 'none' | 'dnsInherited'): Value[] =>
  list.length > 0 ? list.map((text) => ({ text })) : [say(none)]

/** Docker writes `/db:/web/database`: the other container and what this one calls it. */
function linkOption(s: Scope, text: string): Value {
  const [from = text, as = ''] = text.split(':')
  const name = from.replace(/^\//, '')
  const alias = as.split('/').at(-1) ?? ''
  const shown = alias && alias !== name ? `${name} → ${alias}` : name
  const other = recordsOf(s.snapshot, 'container').find((c) => c.name === name)
  return other ? { to: refTo(s, 'container', other), text: shown, icon: 'box' } : { text: shown }
}
