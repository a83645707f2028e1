import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { type Capturing, openCapturing } from './capturing.ts'

/** The address of container `web`. */
export const WEB = '172.17.0.2'

export type TracedHost = {
  sandbox: Sandbox
  host: SandboxHost
  capturing: Capturing
  /** As it was at the beginning. */
  snapshot: HostSnapshot
  /** Where what is changed is kept. */
  changes: string
  /** The namespace of a container; of the host itself for any other name. */
  inNetns(name: string): { kind: 'netns'; netns: string }
  close(): Promise<void>
}

/** A Docker host with a web server, published at port 8080, and a client; and a process that traces in it. Call it once in a file: its folders are the process's. */
export async function openTracedHost(name: string): Promise<TracedHost> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const changes = join(folder, 'changes')
  process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
  process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
  process.env.HOPSCOPE_CHANGES = changes
  mkdirSync(join(folder, 'run'))
  const sandbox = await createSandbox({ name, hosts: 1 })
  const host = sandbox.host(`${name}-1`)
  const web = 'mkdir -p /www; echo hello > /www/index.html; exec httpd -f -p 80 -h /www'
  await host.docker('run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'sh', '-c', web)
  await host.docker('run', '-d', '--name', 'client', 'busybox', 'sleep', '100000')
  const capturing = await openCapturing(host)
  const snapshot = await capturing.snapshot()
  return {
    ...{ sandbox, host, capturing, snapshot, changes },
    inNetns(container) {
      const netns = recordsOf(snapshot, 'container').find((one) => one.name === container)?.netns
      return { kind: 'netns', netns: netns ?? snapshot.host.rootNetns }
    },
    async close() {
      await capturing.close()
      await sandbox.down()
      rmSync(folder, { recursive: true })
    },
  }
}
