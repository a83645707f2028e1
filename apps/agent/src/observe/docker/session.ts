import type { ObserverContext } from '../contract.ts'
import { addAffected, isNothing, nothing } from './affected.ts'
import { type ContainerWatch, watchContainers } from './containerWatch.ts'
import { engineApi } from './engineApi.ts'
import { watchNetworkFiles } from './networkFiles.ts'
import { takePulse } from './pulse.ts'
import { Reader } from './reader.ts'
import { type DockerEvent, eventShape } from './shapes.ts'

export type SessionOptions = {
  context: ObserverContext
  root: string
  socket: string
  onEnd: (session: Session, error: unknown) => void
}

/** One contact with one engine, from the connection to its end. */
export type Session = {
  /** When everything was read once: undefined, or the error that ended the session before. */
  ready: Promise<unknown>
  /** With `decoded`, nothing counts as known. */
  refresh(how?: { decoded: boolean }): Promise<void>
  /** Reads what the engine has told of until now, and anew its networks and these containers, by name or id. */
  catchUp(containers: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Subscribes to the engine's events, then reads everything, then keeps it: in another order a change would be missed. */
export function openSession(options: SessionOptions): Session {
  return new OpenSession(options)
}

class OpenSession implements Session {
  readonly ready: Promise<unknown>
  readonly #options: SessionOptions
  readonly #api
  readonly #reader: Reader
  #pending = nothing()
  #work: Promise<void> | undefined
  #stream: Promise<void> | undefined
  #state: 'opening' | 'open' | 'over' = 'opening'
  #failure: unknown
  #networkFiles: (() => void) | undefined
  #pulse: (() => void) | undefined
  #containers: ContainerWatch | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#api = engineApi(options.socket)
    this.#reader = new Reader({ ...options, api: this.#api })
    this.ready = this.#open()
  }

  refresh({ decoded } = { decoded: false }): Promise<void> {
    if (decoded) this.#reader.forget()
    this.#pending.everything = true
    return this.#settle()
  }

  catchUp(containers: readonly string[]): Promise<void> {
    this.#containers?.flush()
    this.#pending.networkList = true
    for (const word of containers) {
      this.#pending.containers.add(word)
      // Those that have another name by now are read as well.
      for (const { containerId, name } of this.#options.context.sink.list('container'))
        if (name === word || containerId === word) this.#pending.containers.add(containerId)
    }
    return this.#settle()
  }

  async close(): Promise<void> {
    this.#state = 'over'
    this.#pulse?.()
    this.#networkFiles?.()
    this.#containers?.close()
    this.#api.close()
    await this.#stream
    await this.#work
  }

  async #open(): Promise<unknown> {
    try {
      const since = await this.#reader.meet()
      const path = this.#reader.path(`/events?since=${since}&filters=${filters}`)
      const { ended } = await this.#api.lines(path, (line) => this.#onLine(line))
      this.#stream = ended.then((gone) => this.#end(gone))
      await this.refresh()
      if (this.#state === 'opening') this.#begin()
    } catch (error) {
      this.#end(error)
    }
    return this.#failure
  }

  #begin(): void {
    this.#state = 'open'
    const { root, context } = this.#options
    const folder = root + (context.sink.get('dockerEngine', 'engine')?.rootDir ?? '')
    this.#containers = watchContainers({
      folder: `${folder}/containers`,
      context,
      onChange: (ids) => {
        for (const id of ids) this.#pending.containers.add(id)
        void this.#settle()
      },
    })
    this.#containers.set(context.sink.list('container'))
    this.#pulse = takePulse({
      context,
      ping: this.#api.ping,
      onSilent: (state) => context.setSource('docker', state),
      onAnswer: () => this.#reader.tell(),
      socket: this.#options.socket,
    })
    this.#networkFiles = watchNetworkFiles({
      folder,
      context,
      onChange: () => {
        Object.assign(this.#pending, { networkList: true })
        void this.#settle()
      },
    })
  }

  #onLine(line: string): void {
    const event = parseEvent(line)
    if (event === undefined) {
      this.#reader.problem('event', `an event that we do not know: ${line.slice(0, 200)}`)
      return
    }
    const { sink, namespaces } = this.#options.context
    addAffected(this.#pending, event, () => sink.list('container'))
    if (/^(start|die|destroy|connect|disconnect)$/.test(event.Action)) namespaces.rescan()
    void this.#settle()
  }

  /** Reads until nothing is out of date. Events of a burst gather while the ones before are read. */
  #settle(): Promise<void> {
    this.#work ??= this.#options.context
      .busy(() => this.#readPending())
      .then(() => {
        this.#work = undefined
        return isNothing(this.#pending) || this.#state === 'over' ? undefined : this.#settle()
      })
    return this.#work
  }

  async #readPending(): Promise<void> {
    try {
      while (this.#state !== 'over' && !isNothing(this.#pending)) {
        const batch = this.#pending
        this.#pending = nothing()
        await this.#reader.read(batch)
        this.#containers?.set(this.#options.context.sink.list('container'))
      }
    } catch (error) {
      this.#end(error)
    }
  }

  /** Ends the session once; tells of it only if it had begun. */
  #end(error: unknown): void {
    if (this.#state === 'over') return
    const wasOpen = this.#state === 'open'
    this.#state = 'over'
    this.#failure = error
    this.#pulse?.()
    this.#networkFiles?.()
    this.#containers?.close()
    this.#api.close()
    if (wasOpen) this.#options.onEnd(this, error)
  }
}

const filters = encodeURIComponent(JSON.stringify({ type: ['container', 'network', 'image', 'daemon', 'node'] }))

function parseEvent(line: string): DockerEvent | undefined {
  try {
    return eventShape.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
