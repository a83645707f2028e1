import type { ChildProcess } from 'node:child_process'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Random } from '@hopscope/testkit/random'

/** What the changes made so far left behind, as far as later changes need to know. */
export class Scene {
  counter = 0
  readonly namespaces: string[] = []
  readonly links: { namespace: string; name: string }[] = []
  readonly bridges: { namespace: string; name: string }[] = []
  readonly containers: string[] = []
  readonly networks: string[] = []
  readonly listeners: ChildProcess[] = []
  constructor(
    readonly host: SandboxHost,
    readonly random: Random,
  ) {}

  fresh(prefix: string): string {
    this.counter += 1
    return `${prefix}${this.counter}`
  }
  /** '' is the host's own namespace. */
  anyNamespace(): string {
    return this.random.pick(['', ...this.namespaces]) ?? ''
  }
  anyLink(): { namespace: string; name: string } | undefined {
    return this.random.pick(this.links)
  }
  /** Runs `ip`, `bridge`… in a namespace. False when the kernel refused: a refused change is not counted. */
  async in(namespace: string, ...argv: string[]): Promise<boolean> {
    const prefix = namespace ? ['nsenter', `--net=/run/netns/${namespace}`] : []
    return (await this.host.exec([...prefix, ...argv])).code === 0
  }
  async docker(...argv: string[]): Promise<boolean> {
    return (await this.host.exec(['docker', ...argv])).code === 0
  }
  forget(namespace: string): void {
    remove(this.links, (l) => l.namespace === namespace)
    remove(this.bridges, (b) => b.namespace === namespace)
  }
}

export type Change = { name: string; weight: number; run: (scene: Scene) => Promise<boolean> }

/** Takes out of a list, in place, what is gone. */
export function remove<T>(list: T[], gone: (item: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i]
    if (item !== undefined && gone(item)) list.splice(i, 1)
  }
}

export const address = (r: Random) => `10.${200 + r.below(20)}.${r.below(4)}.${1 + r.below(250)}`
export const mac = (r: Random) => `02:00:00:00:${(16 + r.below(200)).toString(16)}:${(16 + r.below(200)).toString(16)}`
