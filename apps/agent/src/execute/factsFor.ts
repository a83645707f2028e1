import type { Expect } from '@hopscope/command'
import type { Command } from '@hopscope/protocol'
import type { Wanted } from '../observer.ts'

/** What a plan is made from, beside what the kernel tells at once. */
export function factsFor(command: Command): Wanted {
  const [noun = ''] = command.do.split('.')
  const docker = ['network', 'container', 'port'].includes(noun)
  return { docker: docker ? { containers: containersOf(command) } : undefined, rules: ['port', 'rule'].includes(noun) }
}

/** What expectations are looked up in, beside what the kernel tells at once. */
export function factsOf(expects: readonly Expect[]): Wanted {
  const records = expects.flatMap((one) => (one.kind === 'record' ? one : []))
  const containers = records.flatMap(({ of, id, name = id }) => (of === 'container' ? name : []))
  return records.some(({ of }) => of === 'container' || of === 'dockerNetwork') ? { docker: { containers } } : {}
}

/** The containers that a command names, by their names or ids. */
function containersOf(command: Command): string[] {
  const own = 'container' in command ? [command.container] : []
  const lender = command.do === 'container.create' && command.network.startsWith('container:')
  return lender ? [command.network.slice('container:'.length)] : own
}
