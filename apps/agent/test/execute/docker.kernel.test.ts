import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { DOCKER_CASES, DOCKER_HOST } from './dockerCases.ts'
import { differentLines, MatrixRun, printed } from './matrix.ts'

describe.skipIf(process.getuid?.() !== 0)("Docker's commands", () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-changes-'))
  let sandbox: Sandbox
  let matrix: MatrixRun<string[]>

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-changes-docker' })
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    for (const words of DOCKER_HOST) await host.docker(...words)
    // Which ports it keeps, the agent writes down by itself.
    const alike = (before: string[], now: string[]) =>
      differentLines(before, now).filter((line) => !/^(missing|ghost) +kept\b/.test(line))
    const ports = join(folder, 'ports')
    matrix = new MatrixRun({ host, folder, read: () => read(host, ports), differences: differentLines, alike })
  })
  afterAll(async () => {
    await matrix?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(printed(matrix?.passed ?? {}))
  })

  it.each(DOCKER_CASES.map((one) => [JSON.stringify(one.command), one] as const))(
    '%s',
    { timeout: 400_000 },
    (_, one) => matrix.run(one),
  )

  it('port.unpublish by rules', { timeout: 400_000 }, async () => {
    const port = { container: 'till', publish: '9300:80', by: 'rules' } as const
    // Another one stays, and the chains with it; `rules.kernel.test.ts` takes chains away.
    const stays = { ...port, publish: '9301:81' }
    for (const one of [port, stays]) await matrix.prepare({ do: 'port.publish', ...one })
    await matrix.run({
      command: { do: 'port.unpublish', ...port },
      shows: { argv: ['iptables-save'], holds: /^(?![\s\S]*9300)/ },
      refused: { command: { do: 'port.unpublish', ...port, publish: '9300:81' }, code: 'NOT_PUBLISHED' },
    })
    for (const one of [port, stays]) await matrix.prepare({ do: 'port.unpublish', ...one })
  })
})

const CONTAINER =
  '{{.Name}} {{.State.Status}} {{.HostConfig.NetworkMode}} {{json .HostConfig.PortBindings}} {{.HostConfig.RestartPolicy.Name}} ' +
  '{{range $name, $at := .NetworkSettings.Networks}}{{$name}} {{json $at.Aliases}} {{end}}'
const NETWORK =
  '{{.Name}} {{.Driver}} {{.Internal}} {{.EnableIPv6}} {{.Attachable}} {{json .IPAM.Config}} {{json .Options}} {{json .Labels}} ' +
  // A line each: they are told in the order of their ids.
  '{{range .Containers}}\n{{$.Name}} has {{.Name}}{{end}}'

/** What Docker and the kernel say, without ids and addresses that Docker gives anew. */
async function read(host: SandboxHost, ports: string): Promise<string[]> {
  const ids = async (...words: string[]) => (await host.docker(...words)).split('\n').filter(Boolean)
  const [containers, networks] = await Promise.all([ids('ps', '-aq'), ids('network', 'ls', '-q')])
  const [links, files, rules, bridged, ...docker] = await Promise.all([
    host.run(['ip', '-o', 'link']),
    // Variables of a container that is made anew, while it is.
    host.exec(['ls', ...containers.map((id) => `/run/hopscope-${id}.env`)]),
    host.run(['iptables-save']),
    host.run(['bridge', '-d', 'link']),
    host.docker('inspect', '-f', CONTAINER, ...containers),
    host.docker('network', 'inspect', '-f', NETWORK, ...networks),
  ])
  const saved = rules.split('\n')
  const said = [
    ...docker,
    // Names of links and bridges are ids; their number is not.
    `links ${links.trim().split('\n').length}`,
    `files ${files.stdout}`,
    `rules ${saved.filter((line) => line.startsWith('-A')).length}`,
    `ours ${saved.filter((line) => /hopscope/i.test(line))}`,
    `kept ${existsSync(ports) ? readdirSync(ports) : []}`,
    `hairpin ${bridged.match(/hairpin on/g)?.length}`,
  ]
  const shortId = /"[0-9a-f]{12}",?/g
  return said
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => line.replaceAll(shortId, '').trim())
    .sort()
}
