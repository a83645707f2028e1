import { dockerNetworkId } from '@hopscope/model'
import type { Affected } from './affected.ts'
import type { Asking } from './asking.ts'
import { Containers } from './containers.ts'
import { Engine } from './engine.ts'
import { DockerAnswerError } from './engineApi.ts'
import type { Defaults } from './madeOptions.ts'
import { networkRecord } from './networkRecord.ts'
import { infoShape, listedNetworks, networkShape, type Version, versionShape } from './shapes.ts'

export type ReaderOptions = Pick<Asking, 'context' | 'root' | 'socket' | 'api'>

/** Reads what is out of date from one engine into the sink. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #problems = new Map<string, string>()
  readonly #containers: Containers
  readonly #engine: Engine
  #defaults: Defaults = { LoggingDriver: '', CgroupVersion: '', DefaultRuntime: '' }
  #prefix = ''

  constructor(options: ReaderOptions) {
    this.#options = options
    const { namespaces, vantage } = options.context
    const isOurs = (pid: number) => namespaces.ofProcess(pid) === vantage.rootNetns
    const asking = { ...options, path: this.path, attempt: this.#attempt, isOurs }
    this.#containers = new Containers(asking)
    this.#engine = new Engine(asking)
  }

  /** The versions agreed on; gives the engine's own time: events since then are sent again, so that none is missed. */
  async meet(): Promise<string> {
    const { api } = this.#options
    // One that hangs takes the connection all the same.
    await api.ping(FIRST_ANSWER)
    const version = await api.get('/version', versionShape)
    if (!version) throw new DockerAnswerError('/version', 404, 'not a Docker engine')
    this.#prefix = `/v${apiVersion(version)}`
    const info = await api.get(this.path('/info'), infoShape)
    this.#engine.meet(version, info)
    if (info) this.#defaults = info
    return unixTime(info?.SystemTime ?? '')
  }

  readonly path = (rest: string): string => this.#prefix + rest

  /** What was said before counts for nothing the next time. */
  forget(): void {
    this.#containers.forget()
    this.#engine.forget()
  }

  /**
   * All is asked for together, and what is looked up on the host is looked up while the engine still answers the rest. Networks
   * are put first, since containers and the engine's record name them.
   */
  async read(batch: Affected): Promise<void> {
    const [found] = await Promise.all([
      this.#containers.read(batch.everything ? 'all' : batch.containers),
      this.#engine.read(batch),
      batch.everything || batch.networkList
        ? this.#readNetworks()
        : Promise.all([...batch.networks].map((id) => this.#readNetwork(id))),
    ])
    if (found) this.#containers.put(found, { all: batch.everything, defaults: this.#defaults })
    this.#engine.put()
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

  readonly #attempt: Asking['attempt'] = async (subject, act) => {
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
}

const FIRST_ANSWER = 3_000
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
