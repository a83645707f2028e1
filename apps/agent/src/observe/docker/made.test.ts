import type { Made } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { madeOf } from './made.ts'
import { containerShape, imageShape } from './shapes.ts'

const defaults = { LoggingDriver: 'json-file', CgroupVersion: '1', DefaultRuntime: 'runc' }
type Over = { config?: object; host?: object; mounts?: object[]; image?: object }

/** What Docker 20.10 answers for `docker create busybox sleep infinity`, with settings of a test's own. */
function made({ config, host, mounts = [], image }: Over = {}): Made {
  const HostConfig = {
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: false,
    CapAdd: null,
    CgroupnsMode: 'host',
    IpcMode: 'private',
    PidMode: '',
    Privileged: false,
    ShmSize: 67108864,
    Runtime: 'runc',
    ConsoleSize: [0, 0],
    BlkioWeightDevice: [],
    Devices: [],
    PidsLimit: null,
    MaskedPaths: ['/proc/kcore'],
    ReadonlyPaths: ['/proc/sys'],
    ...host,
  }
  const Config = {
    ...{ Hostname: 'a', User: '', Tty: false, Env: [], Cmd: ['sleep', 'infinity'], Image: 'busybox', Volumes: null },
    ...{ WorkingDir: '', Entrypoint: null, Labels: {}, ...config },
  }
  const State = { Status: 'created' }
  const NetworkSettings = {}
  const answer = { Id: 'a', Image: 'sha256:b', State, HostConfig, Config, NetworkSettings, Mounts: mounts }
  const Image = {
    Config: { User: '', Env: null, Cmd: ['sh'], Entrypoint: null, Labels: null, WorkingDir: '', ...image },
  }
  return madeOf({ answer: containerShape.parse(answer), image: imageShape.parse(Image).Config ?? undefined, defaults })
}

describe('what a container was made with', () => {
  it('is nothing but its program where nothing was asked for', () => {
    expect(made()).toEqual({
      ...{ imageId: 'sha256:b', options: [], args: ['sleep', 'infinity'] },
      ...{ environment: false, imageLabels: [], powers: [], others: [] },
    })
    expect(made({ config: { Cmd: ['sh'] } }).args).toEqual([])
  })
  it.each<[Over, string[]]>([
    [{ config: { User: 'nobody', WorkingDir: '/srv' } }, ['--user', 'nobody', '--workdir', '/srv']],
    [{ config: { StopSignal: 'KILL', StopTimeout: 3 } }, ['--stop-signal', 'KILL', '--stop-timeout', '3']],
    [{ config: { OpenStdin: true, Tty: true } }, ['--tty', '--interactive']],
    [{ config: { OpenStdin: true, StdinOnce: true } }, ['--interactive']],
    [{ host: { Memory: 9_000_000, NanoCpus: 500_000_000 } }, ['--memory', '9000000', '--cpus', '0.5']],
    [{ host: { CapDrop: ['CAP_NET_RAW'], Init: true } }, ['--cap-drop', 'CAP_NET_RAW', '--init']],
    [{ host: { Tmpfs: { '/t': 'size=1m', '/u': '' } } }, ['--tmpfs', '/t:size=1m', '--tmpfs', '/u']],
    [{ host: { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] } }, ['--ulimit', 'nofile=1:2']],
    [{ host: { SecurityOpt: ['no-new-privileges'] } }, ['--security-opt', 'no-new-privileges']],
    [
      { host: { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } } },
      ['--log-driver', 'json-file', '--log-opt', 'max-size=1m'],
    ],
    [
      { config: { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 3e10, Retries: 2 } } },
      ['--health-cmd', 'true', '--health-interval', '30000ms', '--health-retries', '2'],
    ],
    [
      { mounts: [{ Type: 'volume', Name: 'data', Source: '/x', Destination: '/data', Mode: 'ro', RW: false }] },
      ['--volume', 'data:/data:ro'],
    ],
  ])('%j is said by %j', (over, options) => {
    expect(made(over)).toMatchObject({ options, powers: [], others: [] })
  })
  it.each<[Over, string[], string[]]>([
    [{ image: { Entrypoint: ['a', 'b'] }, config: { Entrypoint: ['a', 'b'], Cmd: ['c'] } }, [], ['c']],
    [{ config: { Entrypoint: ['a', 'b'], Cmd: ['c'] } }, ['--entrypoint', 'a'], ['b', 'c']],
    [{ image: { Entrypoint: ['a'] }, config: { Cmd: ['c'] } }, ['--entrypoint', ''], ['c']],
    [{ image: { Entrypoint: ['a'] }, config: { Entrypoint: ['a'], Cmd: null } }, ['--entrypoint', 'a'], []],
  ])('the program of %j is %j and %j', (over, options, args) => {
    expect(made(over)).toMatchObject({ options, args })
  })
  it.each<[Over, string]>([
    [{ host: { Privileged: true } }, '--privileged'],
    [{ host: { CapAdd: ['NET_ADMIN'] } }, '--cap-add'],
    [{ host: { Devices: [{}] } }, '--device'],
    [{ host: { PidMode: 'host' } }, '--pid host'],
    [{ host: { MaskedPaths: [] } }, '--security-opt systempaths=unconfined'],
    [{ host: { SecurityOpt: ['seccomp=unconfined', 'no-new-privileges'] } }, '--security-opt'],
    [{ mounts: [{ Type: 'bind', Source: '/etc', Destination: '/e', RW: true }] }, '--volume /etc:/e'],
  ])('%j is power over the host', (over, power) => expect(made(over).powers).toEqual([power]))
  it.each<[Over, string]>([
    [{ host: { AutoRemove: true } }, 'AutoRemove'],
    [{ host: { SomethingNew: 5 } }, 'SomethingNew'],
    [{ host: { IpcMode: 'container:x' } }, 'IpcMode'],
    [{ host: { PidMode: 'container:x' } }, 'PidMode'],
    [{ host: { CgroupnsMode: 'private' } }, 'CgroupnsMode'],
    [{ host: { Ulimits: 'of a form that we do not know' } }, 'Ulimits'],
    [{ host: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': 'secret' } } } }, 'LogConfig'],
    [{ config: { OpenStdin: true } }, 'OpenStdin'],
    [{ config: { StopTimeout: 60 } }, 'StopTimeout'],
    [{ config: { Env: ['A=1\n2'] } }, '--env A'],
    [{ mounts: [{ Type: 'npipe', Destination: '/e' }] }, '--mount type=npipe'],
  ])('%j cannot be said', (over, other) => expect(made(over).others).toEqual([other]))
  it('tells that there are variables, and of none its value', () => {
    const found = made({ config: { Env: ['PASSWORD=secret'] } })
    expect(found.environment).toBe(true)
    expect(JSON.stringify(found)).not.toContain('secret')
    expect(made({ config: { Env: ['A=b'] }, image: { Env: ['A=b'] } }).environment).toBe(false)
  })
})
