import type { SandboxHost } from '@hopscope/sandbox'

/** A network namespace of a sandbox host: its name on the page, and how a program is run in it. */
export type Place = { name: string; run: (...argv: string[]) => Promise<string> }
export const hostPlace = (host: SandboxHost): Place => ({
  name: `${host.name} (host)`,
  run: (...argv) => host.run(argv),
})

export const namedPlace = (host: SandboxHost, name: string): Place => ({
  name,
  run: (...argv) => host.run(['ip', 'netns', 'exec', name, ...argv]),
})

/** The namespace of a container, entered from its host as `nsenter -t PID -n` does. */
export async function containerPlace(host: SandboxHost, name: string, shown = name): Promise<Place> {
  const pid = await host.docker('inspect', '-f', '{{.State.Pid}}', name)
  return { name: shown, run: (...argv) => host.run(['nsenter', '-t', pid, '-n', ...argv]) }
}

/** What a program prints as a JSON list (`ip -j`, `bridge -j`, `docker inspect`), with the fields that the caller reads. */
export const list = <T>(text: string): T[] => JSON.parse(text.trim() || '[]')

/** The lines of what a program prints, without empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
