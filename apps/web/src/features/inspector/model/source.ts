import type { Source } from '@hopscope/model'
import { crumbs, fact, facts, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { refTo, type Scope } from './context.ts'
import type { PageDraft } from './page.ts'

/** Whether one source of facts can be read on a host, and if not, why. */
export function sourcePage(s: Scope, x: Source): PageDraft {
  return {
    ref: refTo(s, 'source', x),
    icon: 'host',
    title: x.name,
    status: {
      state: x.state === 'ok' ? 'up' : x.state === 'partial' ? 'degraded' : 'down',
      say: say(`source_${x.state}`),
    },
    crumbs: crumbs(s),
    copyId: x.name,
    sections: [
      section(
        'overview',
        [
          facts(
            fact('readable', say(`source_${x.state}`)),
            fact('reason', x.reason),
            fact('detail', x.detail),
            fact('omitted', x.omitted),
          ),
        ],
        { commands: byHand(s, 'source', x.id) },
      ),
    ],
  }
}
