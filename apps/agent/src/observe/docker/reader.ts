import { type Container, containerId, dockerNetworkId } from '@hopscope/model'
import type { ObserverContext } from '../contract.ts'
import type { Affected } from './affected.ts'
import { containerFiles } from './containerFiles.ts'
import { containerRecord, type HostFacts } from './containerRecord.ts'
import { type DaemonSettings, daemonSettings, findDockerd } from './daemon.ts'
import { DockerAnswerError, type EngineApi } from './engineApi.ts'
import { engineRecord } from './engineRecord.ts'
import type { Defaults } from './madeOptions.ts'
import { networkRecord } from './networkRecord.ts'
import { readProxies, withProxies } from './proxies.ts'
import {
  type ContainerAnswer,
  containerShape,
  type ImageConfig,
  type Info,
  imageShape,
  infoShape,
  type ListedImage,
  listedContainers,
  listedImages,
  listedNetworks,
  networkShape,
  type Version,
  versionShape,
} from './shapes.ts'

export type ReaderOptions = { context: ObserverContext; root: string; socket: string; api: EngineApi }

/** Reads what is out of date from one engine into the sink. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #problems = new Map<string, string>()
  /** Configurations by the images' ids, which stand for their contents. */
  readonly #images = new Map<string, ImageConfig>()
  #version: Version | undefined
  #defaults: Defaults = { LoggingDriver: '', CgroupVersion: '', DefaultRuntime: '' }
  #prefix = ''

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** The versions agreed on; gives the engine's own time: events since then are sent again, so that none is missed. */
  async meet(): Promise<string> {
    const { api } = this.#options
    // One that hangs takes the connection all the same.
    await api.ping(FIRST_ANSWER)
    this.#version = await api.get('/version', versionShape)
    if (!this.#version) throw new DockerAnswerError('/version', 404, 'not a Docker engine')
    this.#prefix = `/v${apiVersion(this.#version)}`
    const info = await api.get(this.path('/info'), infoShape)
    if (info) this.#defaults = info
    return unixTime(info?.SystemTime ?? '')
  }

  path(rest: string): string {
    return this.#prefix + rest
  }

  /**
   * All is asked for together, and what is looked up on the host is looked up while the engine still answers the rest. Networks
   * are put first, since containers and the engine's record name them.
   */
  async read(batch: Affected): Promise<void> {
    const engine = batch.everything || batch.engine || batch.networkList
    const [found, info] = await Promise.all([
      this.#inspectAll(batch),
      engine ? this.#askEngine() : undefined,
      batch.everything || batch.networkList
        ? this.#readNetworks()
        : Promise.all([...batch.networks].map((id) => this.#readNetwork(id))),
    ])
    if (found) this.#putContainers(found, batch.everything)
    if (info) this.#putEngine(info)
    this.tell()
  }

  problem(subject: string, message: string): void {
    this.#problems.set(subject, message)
  }

  async #readNetworks(): Promise<void> {
    const { api, context } = this.#options
    const list = await this.#attempt('networks', () => api.get(this.path('/networks'), listedNetworks))
    if (list) context.sink.replace('dockerNetwork', undefined, list.map(networkRecord))
  }

  async #readNetwork(id: string): Promise<void> {
    const { api, context } = this.#options
    await this.#attempt(`network ${id}`, async () => {
      const answer = await api.get(this.path(`/networks/${encodeURIComponent(id)}`), networkShape)
      if (answer) context.sink.put('dockerNetwork', networkRecord(answer))
      else context.sink.del('dockerNetwork', dockerNetworkId(id))
    })
  }

  async #inspectAll(batch: Affected): Promise<Found[] | undefined> {
    const wanted = batch.everything ? await this.#listContainers() : batch.containers
    if (wanted === undefined) return undefined
    const answers = await Promise.all([...wanted].map((id) => this.#inspect(id)))
    return answers.flatMap((answer) => answer ?? [])
  }

  #putContainers(found: readonly Found[], all: boolean): void {
    const { sink } = this.#options.context
    const networkNames = new Map(sink.list('dockerNetwork').map(({ networkId, name }) => [networkId, name]))
    const records = this.#withProxies(
      found.map(({ answer, facts }) => containerRecord(answer, { ...facts, networkNames, defaults: this.#defaults })),
    )
    if (all) sink.replace('container', undefined, records)
    else for (const record of records) sink.put('container', record)
  }

  async #listContainers(): Promise<Set<string> | undefined> {
    const { api } = this.#options
    const path = this.path('/containers/json?all=1')
    const list = await this.#attempt('containers', () => api.get(path, listedContainers))
    return list && new Set(list.map(({ Id }) => Id))
  }

  #inspect(id: string): Promise<Found | undefined> {
    const { api, context, root } = this.#options
    return this.#attempt(`container ${id}`, async () => {
      const answer = await api.get(this.path(`/containers/${encodeURIComponent(id)}/json`), containerShape)
      if (!answer) {
        context.sink.del('container', containerId(id))
        return undefined
      }
      const image = await this.#imageOf(answer)
      const netns = answer.State.Pid > 0 ? context.namespaces.ofProcess(answer.State.Pid) : undefined
      const facts = { ...(netns !== undefined && { netns }), ...(image && { image }), ...containerFiles(root, answer) }
      return { answer, facts }
    })
  }

  async #imageOf({ Image }: ContainerAnswer): Promise<ImageConfig | undefined> {
    const known = this.#images.get(Image)
    if (known) return known
    const answer = await this.#options.api.get(this.path(`/images/${encodeURIComponent(Image)}/json`), imageShape)
    if (!answer?.Config) return undefined
    if (this.#images.size >= MOST_IMAGES) this.#images.clear()
    this.#images.set(Image, answer.Config)
    return answer.Config
  }

  #withProxies(records: Container[]): Container[] {
    if (!records.some(({ ports }) => ports.length > 0)) return records
    const proxies = readProxies(this.#options.root)
    return records.map((record) => withProxies(record, proxies, this.#isOurs))
  }

  #askEngine(): Promise<Engine | undefined> {
    const { api, root, socket } = this.#options
    return this.#attempt('engine', async () => {
      const [info, images] = await Promise.all([
        api.get(this.path('/info'), infoShape),
        this.#attempt('images', () => api.get(this.path('/images/json'), listedImages)),
      ])
      return (
        info && { images, info, settings: daemonSettings(root, findDockerd({ root, socket, isOurs: this.#isOurs })) }
      )
    })
  }

  #putEngine({ info, settings, images }: Engine): void {
    const { context } = this.#options
    if (!this.#version) return
    const networks = context.sink.list('dockerNetwork')
    context.sink.put('dockerEngine', engineRecord({ version: this.#version, info, networks, settings, images }))
  }

  /** An answer that we cannot use leaves the rest alone and is stated; an engine that is gone ends the session. */
  async #attempt<T>(subject: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await act()
      this.#problems.delete(subject)
      return result
    } catch (error) {
      if (!(error instanceof DockerAnswerError)) throw error
      this.#problems.set(subject, error.message)
      return undefined
    }
  }

  /** States what could be read. */
  tell(): void {
    const [first] = this.#problems.values()
    const detail = `${this.#problems.size} of Docker's objects could not be read. The first: ${first}`
    const partial = { state: 'partial', reason: 'FAILED', detail } as const
    this.#options.context.setSource('docker', first === undefined ? { state: 'ok' } : partial)
  }

  readonly #isOurs = (pid: number): boolean => {
    const { namespaces, vantage } = this.#options.context
    return namespaces.ofProcess(pid) === vantage.rootNetns
  }
}

/** An engine's answer, and what was looked up on the host for it. */
type Found = { answer: ContainerAnswer; facts: Omit<HostFacts, 'networkNames' | 'defaults'> }
type Engine = { info: Info; settings: DaemonSettings; images: ListedImage[] | undefined }

const FIRST_ANSWER = 3_000
const MOST_IMAGES = 500
/** The newest API that we know. Older engines are asked in theirs, newer ones in this one while they still speak it. */
const newestKnown = '1.51'

function apiVersion({ ApiVersion, MinAPIVersion }: Version): string {
  if (isOlder(ApiVersion, newestKnown)) return ApiVersion
  return isOlder(newestKnown, MinAPIVersion) ? ApiVersion : newestKnown
}

function isOlder(a: string, b: string): boolean {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA === majorB ? minorA < minorB : majorA < majorB
}

/** Seconds with nanoseconds, as the engine takes them; a JavaScript date alone would lose the last six digits. */
function unixTime(rfc3339: string): string {
  const fraction = /\.(\d+)/.exec(rfc3339)?.[1] ?? ''
  return `${Math.floor(Date.parse(rfc3339) / 1000)}.${fraction.padEnd(9, '0').slice(0, 9)}`
}
