import { readdirSync } from 'node:fs'
import { errnoOf } from '../processes.ts'
import type { Affected } from './affected.ts'
import type { Asking } from './asking.ts'
import { type DaemonSettings, daemonSettings, findDockerd } from './daemon.ts'
import { engineRecord } from './engineRecord.ts'
import { type Info, infoShape, type ListedImage, listedImages, type Version } from './shapes.ts'

/**
 * The engine itself. Its own facts and its images take it long to tell (for the first it starts programs), and change with an
 * event only, but for a swarm: they are asked for when that is so.
 */
export class Engine {
  readonly #asking: Asking
  #version: Version | undefined
  #info: Info | undefined
  #settings: DaemonSettings = {}
  #images: ListedImage[] | undefined

  constructor(asking: Asking) {
    this.#asking = asking
  }

  /** What it said when it was met. */
  meet(version: Version, info: Info | undefined): void {
    this.#version = version
    this.#take(info)
  }

  /** Everything is asked for the next time. */
  forget(): void {
    this.#info = undefined
    this.#images = undefined
  }

  async read({ everything, networkList, engine, images }: Affected): Promise<void> {
    const { api, path, attempt } = this.#asking
    const askInfo = async () => this.#take(await attempt('engine', () => api.get(path('/info'), infoShape)))
    const askImages = async () => {
      this.#images = await attempt('images', () => api.get(path('/images/json'), listedImages))
    }
    const any = everything || networkList || engine || images
    const isNews = engine || ((everything || networkList) && !this.#isStillAlone())
    await Promise.all([
      any && (this.#info === undefined || isNews) ? askInfo() : undefined,
      any && (this.#images === undefined || images) ? askImages() : undefined,
    ])
  }

  put(): void {
    const { sink } = this.#asking.context
    const [version, info, networks] = [this.#version, this.#info, sink.list('dockerNetwork')]
    if (!version || !info) return
    const [settings, images] = [this.#settings, this.#images]
    sink.put('dockerEngine', engineRecord({ version, info, networks, settings, images }))
  }

  #take(info: Info | undefined): void {
    this.#info = info
    this.#settings = info ? daemonSettings(this.#asking.root, findDockerd(this.#asking)) : {}
  }

  /** Joining a swarm has no event, but the engine keeps what it needs there in a folder, which is empty otherwise. */
  #isStillAlone(): boolean {
    const { DockerRootDir, Swarm } = this.#info ?? {}
    if (!DockerRootDir || (Swarm?.LocalNodeState || 'inactive') !== 'inactive') return false
    try {
      return readdirSync(`${this.#asking.root}${DockerRootDir}/swarm`).length === 0
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return false
      throw error
    }
  }
}
