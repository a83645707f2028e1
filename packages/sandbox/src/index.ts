export { createSandbox, rootlessSandbox } from './create.ts'
export { type Filled, type FillOptions, fillDemo } from './demo/fill.ts'
export type { DockerOptions } from './dockerd.ts'
export { downSandbox, sweepSandbox } from './down.ts'
export type { EnterOptions } from './enter.ts'
export { SandboxError, type SandboxErrorCode } from './errors.ts'
export { sandboxesFolder } from './folders.ts'
export type { ExecOptions, SandboxHost, SandboxPlace } from './host.ts'
export { importBusybox } from './image.ts'
export type { HostSpec, SandboxOptions } from './options.ts'
export { isAlive, marker as sandboxMarker } from './processes.ts'
export { type HostRecord, type SandboxRecord, sandboxRecordSchema } from './record.ts'
export type { RunOptions, RunResult } from './run.ts'
export {
  listSandboxes,
  netNamespacesWithin,
  openSandbox,
  type Sandbox,
  type SandboxNamespaces,
  type SandboxState,
  type SandboxSummary,
  sandboxHostPidNamespaces,
} from './sandbox.ts'
