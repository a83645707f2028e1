import type { DockerOptions } from './dockerd.ts'
import { SandboxError } from './errors.ts'
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

/** One full entry per host that the options ask for. Throws BAD_NAME or BAD_OPTION. */
export function hostSpecs({
  name,
  hosts = 1,
  docker = true,
  subnet,
  wires = [],
}: SandboxOptions): Required<HostSpec>[] {
  if (subnet !== undefined && !/^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(subnet))
    throw badOption('subnet', subnet, 'three numbers, such as 192.168.66')
  const wrong = wires.find((wire) => !/^[a-z][a-z0-9]{1,8}$/.test(wire) || wire === 'ens33')
  if (wrong !== undefined)
    throw badOption('wire', wrong, 'a name of 2 to 9 letters and digits other than ens33, such as ens34')
  const specs = typeof hosts === 'number' ? Array.from({ length: hosts }, (): HostSpec => ({})) : hosts
  // The switch's /24 has the hosts from .11 to .63; what lies above is for containers on the wire itself.
  if (specs.length < 1 || specs.length > 53) throw badOption('hosts', String(specs.length), 'a number from 1 to 53')
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

function badOption(option: string, value: string, wanted: string): SandboxError {
  return new SandboxError('BAD_OPTION', {
    doing: `read the option ${option}`,
    subject: value,
    because: `it must be ${wanted}`,
  })
}
