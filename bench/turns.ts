import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Turns = {
  /** Runs what starts processes, so that these go before everything else on the machine. */
  first<T>(act: () => Promise<T>): Promise<T>
  /** The longest turn of each kind of process since a moment (milliseconds since the epoch). */
  all(group: string, what: string, since: number): { group: string; name: string; value: number }[]
}

/** For the time of `act`, every Node program that is started here writes down the delays of its event loop. */
export async function watchingTurns(act: (turns: Turns) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-turns-'))
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--import ${fileURLToPath(new URL('./turnWatch.mjs', import.meta.url))}`
  process.env.HOPSCOPE_TURNS = folder
  try {
    await act({
      async first(run) {
        // Inherited by what is started now.
        setPriority(-15)
        try {
          return await run()
        } finally {
          setPriority(0)
        }
      },
      all(group, what, since) {
        const longest = new Map<string, number>()
        for (const { at, delay, who } of readTurns(folder))
          if (at >= since) longest.set(who, Math.max(delay, longest.get(who) ?? 0))
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

type Turn = { at: number; delay: number; who: string }

function readTurns(folder: string): Turn[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [at, delay, program, command] = line.split(' ')
        const who = program && whoIs(program, command)
        return who ? [{ at: Number(at), delay: Number(delay), who }] : []
      }),
  )
}

function whoIs(program: string, command: string | undefined): string | undefined {
  if (program.endsWith('/hub.mjs')) return 'hub'
  if (!program.endsWith('/agent.mjs')) return undefined
  return command === 'observe' ? 'observer' : 'agent'
}
