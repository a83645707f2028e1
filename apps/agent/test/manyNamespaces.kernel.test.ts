import { recordsOf } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { Random } from '@hopscope/testkit/random'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Followed, follow } from './live/follow.ts'

const NAMESPACES = 200
const LINKS = 12
/** A page is right much sooner; this is about not waiting for the next thing that happens to wake the agent. */
const LIMIT = 1_000
const seed = Number(process.env.HOPSCOPE_SEED ?? (process.env.CI ? 44 : Math.floor(Math.random() * 2 ** 31)))

let sandbox: Sandbox
let host: SandboxHost
let seen: Followed

beforeAll(async () => {
  sandbox = await createSandbox({ name: 't-many', docker: false })
  const [first] = sandbox.hosts
  if (!first) throw new Error('the sandbox has no host')
  host = first
  const pairs = Array.from({ length: NAMESPACES }, (_, n) => [
    `netns add n${n}`,
    `link add v${n} type veth peer name eth0 netns n${n}`,
    `link set v${n} up`,
  ])
  await host.run(['ip', '-batch', '-'], { input: `${pairs.flat().join('\n')}\n` })
  seen = await follow(sandbox.name, host)
  await seen.until((state) => recordsOf(state, 'netns').length > NAMESPACES)
})
afterAll(async () => {
  await seen?.close()
  await sandbox?.down()
})

it.skipIf(process.getuid?.() !== 0)(
  `a link in any of ${NAMESPACES} namespaces, most with a link that is down, is published though nothing else happens (seed ${seed})`,
  async () => {
    const random = new Random(seed)
    const late: string[] = []
    for (let n = 0; n < LINKS; n++) {
      // At any moment of the agent's own rounds.
      await new Promise((resolve) => setTimeout(resolve, random.below(600)))
      const namespace = `n${random.below(NAMESPACES)}`
      await host.run(['ip', '-n', namespace, 'link', 'add', `new${n}`, 'type', 'bridge'])
      const began = performance.now()
      await seen.until((state) => recordsOf(state, 'link').some(({ name }) => name === `new${n}`))
      const took = performance.now() - began
      if (took > LIMIT) late.push(`new${n} in ${namespace}: ${Math.round(took)} ms`)
    }
    expect(late).toEqual([])
  },
)
