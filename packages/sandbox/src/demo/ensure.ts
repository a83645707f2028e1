import type { SandboxHost } from '../host.ts'

/** What to run in a container: its docker options, image (busybox when left out) and program (sleep when left out). */
export type ContainerPlan = { options?: string[]; image?: string; program?: string[] }

/** Makes and starts a container, or starts the stopped one of this name. Same as "docker run -d --name NAME …". */
export async function ensureContainer(host: SandboxHost, name: string, plan: ContainerPlan): Promise<void> {
  const existing = await host.exec(['docker', 'container', 'inspect', '--format', '{{.State.Running}}', name])
  if (existing.stdout.trim() === 'true') return
  if (existing.code === 0) {
    await host.docker('start', name)
    return
  }
  const { options = [], image = 'busybox', program = ['sleep', 'infinity'] } = plan
  // The first process of a container ignores TERM unless it handles it, and "docker stop" would wait 10 s for each.
  await host.docker('run', '-d', '--name', name, '--stop-signal', 'KILL', ...options, image, ...program)
}

/** Makes a network unless one of this name exists. Same as "docker network create NAME …". */
export async function ensureNetwork(host: SandboxHost, name: string, options: string[]): Promise<void> {
  if ((await host.exec(['docker', 'network', 'inspect', name])).code === 0) return
  await host.docker('network', 'create', ...options, name)
}
