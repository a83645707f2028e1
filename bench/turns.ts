import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Turns = {
  /** The longest turn of each kind of process since a moment (milliseconds since the epoch). */
  all(group: string, what: string, since: number): { group: string; name: string; value: number }[]
}

/** For the time of `act`, every Node program that is started here notes the turns of its event loop. */
export async function watchingTurns(act: (turns: Turns) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-turns-'))
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--import ${fileURLToPath(new URL('./turnWatch.mjs', import.meta.url))}`
  process.env.HOPSCOPE_TURNS = folder
  try {
    await act({
      all(group, what, since) {
        const longest = new Map<string, number>()
        for (const { at, length, who } of readTurns(folder))
          if (at >= since) longest.set(who, Math.max(length, longest.get(who) ?? 0))
        return [...longest].map(([who, value]) => ({ group, name: what ? `${what}: ${who}` : who, value }))
      },
    })
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
    delete process.env.HOPSCOPE_TURNS
    rmSync(folder, { recursive: true })
  }
}

type Turn = { at: number; length: number; who: string }

function readTurns(folder: string): Turn[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [at, length, program, command] = line.split(' ')
        const who = program && whoIs(program, command)
        return who ? [{ at: Number(at), length: Number(length), who }] : []
      }),
  )
}

function whoIs(program: string, command: string | undefined): string | undefined {
  if (program.endsWith('/hub.mjs')) return 'hub'
  if (!program.endsWith('/agent.mjs')) return undefined
  return command === 'observe' ? 'observer' : 'agent'
}
