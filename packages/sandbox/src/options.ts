import type { DockerOptions } from './dockerd.ts'
import { checkName } from './folders.ts'

export type HostSpec = {
  /** Host name inside; `<sandbox>-<number>` when left out. */
  name?: string
  /** Overrides the sandbox's setting for this host. */
  docker?: boolean | DockerOptions
}

export type SandboxOptions = {
  name: string
  /** How many hosts, or one entry for each; 1 when left out. */
  hosts?: number | HostSpec[]
  /** An engine in every host (the default), with these keys of daemon.json if an object, or none. */
  docker?: boolean | DockerOptions
  /** First three bytes of the /24 that joins the hosts. */
  subnet?: string
  /** Names of further NICs, each on a switch of its own and without an address. */
  wires?: string[]
  /** Work in a user namespace, without Docker; the default when not root. */
  rootless?: boolean
  onProgress?: (text: string) => void
}

/** One full entry per host that the options ask for. Throws BAD_NAME. */
export function hostSpecs({ name, hosts = 1, docker = true }: SandboxOptions): Required<HostSpec>[] {
  const specs = typeof hosts === 'number' ? Array.from({ length: hosts }, (): HostSpec => ({})) : hosts
  const full = specs.map((spec, index) => ({
    name: spec.name ?? `${name}-${index + 1}`,
    docker: spec.docker ?? docker,
  }))
  for (const spec of full) checkName(spec.name)
  return full
}

/** Keys of daemon.json that a host asks for. */
export function dockerOptionsOf(docker: boolean | DockerOptions): DockerOptions {
  return typeof docker === 'boolean' ? {} : docker
}
