import { createHash } from 'node:crypto'
import { type Container, containerId, type DockerNetwork } from '@hopscope/model'
import type { Asking } from './asking.ts'
import { containerFiles } from './containerFiles.ts'
import { containerRecord, type HostFacts } from './containerRecord.ts'
import { parse } from './engineApi.ts'
import type { Defaults } from './madeOptions.ts'
import { readProxies, withProxies } from './proxies.ts'
import { type ContainerAnswer, containerShape, type ImageConfig, imageShape, listedContainers } from './shapes.ts'

/** Reads containers, and makes a record again only where the engine or the host says something else than before. */
export class Containers {
  readonly #asking: Asking
  readonly #known = new Map<string, Known>()
  /** Configurations by the images' ids, which stand for their contents. */
  readonly #images = new Map<string, ImageConfig>()
  #names = namesOf([])

  constructor(asking: Asking) {
    this.#asking = asking
  }

  /** Every record is made anew the next time. */
  forget(): void {
    this.#known.clear()
  }

  /** What is said of these containers, or of all; undefined when they could not be listed. */
  async read(wanted: ReadonlySet<string> | 'all'): Promise<Found[] | undefined> {
    if (wanted !== 'all') return this.#inspectAll(wanted)
    // Those that are known are asked for while the engine makes its list.
    const before = new Set(this.#asking.context.sink.list('container').map((container) => container.containerId))
    const [found, listed] = await Promise.all([this.#inspectAll(before), this.#list()])
    if (listed === undefined) return undefined
    const others = await this.#inspectAll([...listed].filter((id) => !before.has(id)))
    return [...found.filter(({ id }) => listed.has(id)), ...others]
  }

  put(found: readonly Found[], { all, defaults }: { all: boolean; defaults: Defaults }): void {
    const { sink } = this.#asking.context
    this.#names = namesOf(sink.list('dockerNetwork'), this.#names)
    const known = found.map((one) => this.#know(one, { ...one.facts, networkNames: this.#names.byId, defaults }))
    if (all) this.#known.clear()
    for (const one of known) this.#known.set(one.record.containerId, one)
    const records = this.#withProxies(known.map(({ record }) => record))
    if (all) sink.replace('container', undefined, records)
    else for (const record of records) sink.put('container', record)
  }

  #know({ id, print, look, answer }: Found, facts: HostFacts): Known {
    const known = this.#known.get(id)
    if (known?.print === print && sameFacts(known.facts, facts)) return known
    return { print, look, facts, record: containerRecord(answer(), facts) }
  }

  async #list(): Promise<Set<string> | undefined> {
    const { api, path, attempt } = this.#asking
    const list = await attempt('containers', () => api.get(path('/containers/json?all=1'), listedContainers))
    return list && new Set(list.map(({ Id }) => Id))
  }

  async #inspectAll(ids: Iterable<string>): Promise<Found[]> {
    const answers = await Promise.all([...ids].map((id) => this.#inspect(id)))
    return answers.flatMap((answer) => answer ?? [])
  }

  #inspect(id: string): Promise<Found | undefined> {
    const { api, context, root, path, attempt } = this.#asking
    return attempt(`container ${id}`, async () => {
      const asked = path(`/containers/${encodeURIComponent(id)}/json`)
      const body = await api.read(asked, 'objects')
      if (!body) {
        this.#known.delete(id)
        context.sink.del('container', containerId(id))
        return undefined
      }
      const said = this.#said(id, body, () => parse(asked, body, containerShape))
      const image = await this.#imageOf(said.look)
      const { Pid } = said.look.State
      const netns = Pid > 0 ? context.namespaces.ofProcess(Pid) : undefined
      const facts = {
        ...(netns !== undefined && { netns }),
        ...(image && { image }),
        ...containerFiles(root, said.look),
      }
      return { id, ...said, facts }
    })
  }

  /** What is said as it was before is parsed only if the host has other facts. */
  #said(id: string, body: Buffer, answer: () => ContainerAnswer): Omit<Found, 'id' | 'facts'> {
    // Not the bytes themselves: they are many, and hold what somebody gave to the container as a secret.
    const print = createHash('sha256').update(body).digest('base64')
    const known = this.#known.get(id)
    if (known?.print === print) return { print, look: known.look, answer }
    const parsed = answer()
    const { Image, State, HostsPath, ResolvConfPath } = parsed
    return { print, look: { Image, State, HostsPath, ResolvConfPath }, answer: () => parsed }
  }

  async #imageOf({ Image }: Look): Promise<ImageConfig | undefined> {
    const known = this.#images.get(Image)
    if (known) return known
    const { api, path } = this.#asking
    const answer = await api.get(path(`/images/${encodeURIComponent(Image)}/json`), imageShape)
    if (!answer?.Config) return undefined
    if (this.#images.size >= MOST_IMAGES) this.#images.clear()
    this.#images.set(Image, answer.Config)
    return answer.Config
  }

  #withProxies(records: Container[]): Container[] {
    if (!records.some(({ ports }) => ports.length > 0)) return records
    const { root, isOurs } = this.#asking
    const proxies = readProxies(root)
    return records.map((record) => withProxies(record, proxies, isOurs))
  }
}

/** A container as the engine told of it, and what was looked up on the host for it. */
export type Found = {
  id: string
  /** Of the answer's bytes. */
  print: string
  look: Look
  answer: () => ContainerAnswer
  facts: Omit<HostFacts, 'networkNames' | 'defaults'>
}
/** Where to look on the host. */
type Look = Pick<ContainerAnswer, 'Image' | 'State' | 'HostsPath' | 'ResolvConfPath'>
/** What a record was made of. */
type Known = { print: string; look: Look; facts: HostFacts; record: Container }

const MOST_IMAGES = 500

const sameFacts = (a: HostFacts, b: HostFacts): boolean =>
  a.netns === b.netns &&
  a.etcHosts === b.etcHosts &&
  a.resolvConf === b.resolvConf &&
  a.image === b.image &&
  a.defaults === b.defaults &&
  a.networkNames === b.networkNames

type Names = { networks: readonly DockerNetwork[]; byId: ReadonlyMap<string, string> }

/** The same as before when no network is another one: records are the same as long as nothing about them changes. */
function namesOf(networks: readonly DockerNetwork[], before?: Names): Names {
  const isSame = before?.networks.length === networks.length && networks.every((one, at) => one === before.networks[at])
  if (before && isSame) return before
  return { networks, byId: new Map(networks.map(({ networkId, name }) => [networkId, name])) }
}
