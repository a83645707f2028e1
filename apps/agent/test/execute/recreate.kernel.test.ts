import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, importBusybox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Executing, execute } from './executing.ts'

const IMAGE = 'busybox-with-much'
/** What an image can bring: none of it is asked for again. */
const OF_IMAGE = [
  ...['ENTRYPOINT ["sleep"]', 'CMD ["infinity"]', 'ENV FROM=image', 'VOLUME /data', 'LABEL of=image', 'EXPOSE 90'],
  ...['WORKDIR /tmp', 'HEALTHCHECK CMD true'],
]
const MUCH: Record<string, readonly string[]> = {
  rich: [
    ...['--stop-signal', 'KILL', '--user', '1000:1000', '--workdir', '/root', '-t', '-i', '--read-only'],
    ...['--tmpfs', '/t:size=1m', '--memory', '64m', '--memory-swap', '128m', '--cpus', '0.5', '--cpu-shares', '512'],
    ...['--pids-limit', '50', '--cap-drop', 'NET_RAW', '--cap-drop', 'MKNOD', '--group-add', '27', '--shm-size', '32m'],
    ...['--sysctl', 'net.ipv4.ip_unprivileged_port_start=0', '--ulimit', 'nofile=100:200', '--oom-score-adj', '100'],
    ...['--security-opt', 'no-new-privileges', '--log-opt', 'max-size=1m', '--ipc', 'shareable'],
    ...['--health-cmd', 'true', '--health-interval', '30s', '--health-retries', '2', '--label', 'c=d e'],
    ...['--restart', 'on-failure:3', '--dns', '10.0.0.53', '--dns-search', 'example.org', '--dns-option', 'ndots:2'],
    ...['--add-host', 'x:10.0.0.5', '--hostname', 'rich', '--domainname', 'example.org'],
    ...['-v', 'named:/named:ro', '-v', '/nameless', '--link', 'db:data', '--expose', '7000/udp'],
    ...['-P', '-p', '8100:80', '-p', '127.0.0.1::81', '-e', 'A=b', '-e', 'C= d # e', '-e', 'EMPTY='],
    ...['busybox', 'sleep', 'infinity'],
  ],
  imaged: ['--stop-signal', 'KILL', IMAGE],
  bare: [
    '--stop-signal',
    'KILL',
    '--entrypoint',
    '',
    '--no-healthcheck',
    '-e',
    'FROM=nobody',
    IMAGE,
    'sleep',
    'infinity',
  ],
  shopper: [
    ...['--network', 'shop', '--ip', '10.71.0.9', '--network-alias', 'pay', '--stop-signal', 'KILL'],
    ...['--log-driver', 'none', 'busybox', 'sleep', 'infinity'],
  ],
}

describe.skipIf(process.getuid?.() !== 0)('a container that is made anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-recreate-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-recreate' })
    const [first] = sandbox.hosts
    if (!first?.dockerSocket) throw new Error('a sandbox has a host with Docker')
    host = first
    await importBusybox(first.dockerSocket, IMAGE, OF_IMAGE)
    await host.docker('network', 'create', '--subnet', '10.71.0.0/24', 'shop')
    await host.docker('run', '-d', '--name', 'db', 'busybox', 'sleep', 'infinity')
    for (const [name, words] of Object.entries(MUCH)) await host.docker('run', '-d', '--name', name, ...words)
    executing = await execute(host, folder)
  })
  afterAll(async () => {
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
  })

  const publish = async (container: string, port: string) => {
    const asked = await executing.ask({
      kind: 'run',
      command: { do: 'port.publish', container, publish: port, by: 'recreate' },
    })
    if (asked?.answer.kind !== 'change') throw new Error(JSON.stringify(asked))
    expect(asked.answer.change, JSON.stringify(asked)).toMatchObject({ state: 'done' })
    return asked.answer.change
  }

  it.each(Object.keys(MUCH))('has all that %s had, as Docker tells it', async (name) => {
    const before = await toldOf(host, name)
    await publish(name, '8199:99')
    const now = await toldOf(host, name)
    expect(now.settings).toEqual(before.settings)
    expect(now.ports).toEqual({ ...before.ports, '99/tcp': [{ HostIp: '', HostPort: '8199' }] })
    await host.docker('rm', '-f', name)
  })

  it('is made anew twice, and taken back in that order only', async () => {
    await host.docker('run', '-d', '--name', 'twice', '--stop-signal', 'KILL', 'busybox', 'sleep', 'infinity')
    const id = () => host.docker('inspect', '-f', '{{.Id}}', 'twice')
    const first = await id()
    const changes = [await publish('twice', '8201:80'), await publish('twice', '8202:80')]
    const undo = (i: number) => executing.ask({ kind: 'undo', id: changes[i]?.id ?? '' })
    expect((await undo(0))?.answer).toMatchObject({
      kind: 'denied',
      reason: { code: 'LATER_FIRST', params: { id: changes[1]?.id } },
    })
    for (const i of [1, 0]) expect((await undo(i))?.answer).toMatchObject({ change: { state: 'undone' } })
    expect(await id()).toBe(first)
  })

  it('stays when undo finds that somebody has removed the old one', async () => {
    await host.docker('run', '-d', '--name', 'web', '--stop-signal', 'KILL', 'busybox', 'sleep', 'infinity')
    const { id } = await publish('web', '8200:80')
    await host.docker('rm', 'web-old')
    const undone = await executing.ask({ kind: 'undo', id })
    expect(undone?.answer).toMatchObject({ kind: 'change', change: { state: 'stuck' } })
    expect(await host.docker('port', 'web')).toContain('8200')
  })
})

const texts = z.array(z.string()).nullable()
const inspectedSchema = z.object({
  Id: z.string(),
  Config: z.looseObject({ Hostname: z.string(), Entrypoint: texts, Cmd: texts }),
  HostConfig: z.looseObject({ PortBindings: z.record(z.string(), z.unknown()), Links: texts }),
  Mounts: z.array(z.looseObject({ Destination: z.string(), Name: z.string().optional(), RW: z.boolean() })),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAMConfig: z.unknown(), Links: texts, Aliases: texts })),
  }),
})

/** What Docker tells of a container, without what is another container's by nature, or said in another way for the same. */
async function toldOf(host: SandboxHost, name: string) {
  const [told] = z.tuple([inspectedSchema]).parse(JSON.parse(await host.docker('inspect', name)))
  const { Hostname, Entrypoint, Cmd, ExposedPorts, Volumes, ...config } = told.Config
  // Of whoever typed "docker run"; on a terminal the last one means nothing.
  for (const key of ['AttachStdin', 'AttachStdout', 'AttachStderr', 'StdinOnce']) delete config[key]
  const { PortBindings, Binds, Links, ...hostConfig } = told.HostConfig
  const networks = Object.entries(told.NetworkSettings.Networks).map(
    ([network, { IPAMConfig, Links: links, Aliases }]) => ({
      ...{ network, IPAMConfig, links },
      aliases: (Aliases ?? []).filter((alias) => !told.Id.startsWith(alias)),
    }),
  )
  return {
    ports: PortBindings,
    settings: {
      ...{ config, hostConfig, networks, links: Links },
      hostname: told.Id.startsWith(Hostname) ? 'its id' : Hostname,
      program: [...(Entrypoint ?? []), ...(Cmd ?? [])],
      mounts: told.Mounts.map(({ Destination, Name, RW }) => `${Name} ${Destination} ${RW}`).sort(),
    },
  }
}
