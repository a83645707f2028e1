import { SandboxError } from '../errors.ts'
import type { SandboxHost, SandboxPlace } from '../host.ts'
import type { Sandbox } from '../sandbox.ts'
import { waitUntil } from '../waitUntil.ts'

/** A few pings and requests along every path, so that ARP, CAM and connection tables have something to show. */
export async function sendTraffic(sandbox: Sandbox): Promise<void> {
  const [first, second] = sandbox.hosts
  if (first === undefined) return
  const docker = sandbox.dockerUnavailable === null
  await Promise.all([
    reach(first, ['ip', 'netns', 'exec', 'blue', ...ping('10.1.1.2')]),
    reach(first, ['ip', 'netns', 'exec', 'left', ...ping('10.10.2.10')]),
    reach(sandbox.outside, ping(first.address)),
    ...(docker ? withinFirst(first, sandbox.outside) : []),
    ...(docker && second ? between(first, second) : []),
  ])
}

function withinFirst(host: SandboxHost, outside: SandboxPlace): Promise<void>[] {
  const from = (container: string, argv: string[]) => reach(host, ['docker', 'exec', container, ...argv])
  return [
    from('client', ['wget', '-q', '-O', '-', 'http://www/']),
    from('api', ping('db')),
    from('store', ping('backend')),
    reach(outside, ['busybox', 'wget', '-q', '-O', '-', `http://${host.address}:8080/`]),
    // A question over UDP that nobody answers leaves an entry without a reply in the connection table.
    outside
      .exec(['busybox', 'nslookup', 'shop.example', `${host.address}:5353`], { timeoutMs: 1_000 })
      .then(() => undefined),
  ]
}

function between(first: SandboxHost, second: SandboxHost): Promise<void>[] {
  const lan = async () => {
    const format = '{{.NetworkSettings.Networks.lan.IPAddress}}'
    const address = await second.docker('container', 'inspect', '--format', format, 'lan-2')
    await reach(first, ['docker', 'exec', 'lan-1', ...ping(address)])
  }
  return [
    reach(first, ping(second.address)),
    lan(),
    reach(first, ['docker', 'exec', 'mesh-1', ...ping('mesh-2')]),
    reach(second, ['docker', 'exec', 'mesh-2', ...ping('mesh-1')]),
  ]
}

function ping(target: string): string[] {
  return ['ping', '-c', '1', '-W', '1', target]
}

/** Tries until it works: a swarm tells its members each other's addresses within a second or two, not at once. */
async function reach(place: SandboxPlace, argv: string[]): Promise<void> {
  let said = ''
  const done = await waitUntil(async () => {
    const result = await place.exec(argv, { timeoutMs: 5_000 })
    said = result.stderr || result.stdout
    return result.code === 0 ? true : undefined
  }, 20_000)
  if (!done)
    throw new SandboxError('COMMAND_FAILED', {
      doing: 'reach',
      subject: argv.join(' '),
      because: said.trim() || 'no answer',
    })
}
