import { inSubnet } from '@hopscope/model'
import type { Command, CommandName, CommandOf } from '@hopscope/protocol'

export type ModelLink = {
  netns: string
  name: string
  kind: 'veth' | 'bridge' | 'macvlan'
  up: boolean
  mtu: number
  promisc: boolean
  /** The bridge that it is a port of. */
  master?: string
  /** A veth's other end, or what a macvlan stands on: a key of `links`. */
  far?: number
  /** IPv4, in the order in which they came. */
  addresses: string[]
  neighbours: Map<string, string>
  /** MAC addresses that were written down behind this port. */
  fdb: Set<string>
}
type ModelRoute = { netns: string; dst: string; via: string; link: number }

/** The kernel as far as random sequences go: what each command does to a few namespaces, written down anew and simply. */
export class ModelHost {
  readonly namespaces = new Map<string, { forward: boolean }>([['root', { forward: false }]])
  readonly links = new Map<number, ModelLink>()
  #routes: ModelRoute[] = []
  #next = 1

  copy(): ModelHost {
    const other = new ModelHost()
    other.#take(this)
    return other
  }

  linkNamed(netns: string, name: string): ModelLink | undefined {
    return [...this.links.values()].find((link) => link.netns === netns && link.name === name)
  }

  routes(): { netns: string; dst: string }[] {
    return this.#routes.map(({ netns, dst }) => ({ netns, dst }))
  }

  /** Every fact as a line, sorted: what `readHost` reads of the kernel. */
  facts(): string[] {
    const lines = [...this.namespaces].map(([name, { forward }]) => `netns ${name} forward=${Number(forward)}`)
    for (const link of this.links.values()) {
      const { netns, name, kind, up, mtu, promisc, master } = link
      const plugged = master === undefined ? '' : ` in ${master}`
      lines.push(`link ${netns} ${name} ${kind} up=${up} mtu=${mtu} promisc=${promisc}${plugged}`)
      for (const address of link.addresses) lines.push(`address ${netns} ${name} ${address}`)
      for (const [address, mac] of link.neighbours) lines.push(`neighbour ${netns} ${name} ${address} ${mac}`)
      for (const mac of link.fdb) lines.push(`fdb ${netns} ${name} ${mac}`)
    }
    for (const { netns, dst, via, link } of this.#routes)
      lines.push(`route ${netns} ${dst} via ${via} dev ${this.links.get(link)?.name}`)
    return lines.sort()
  }

  /** What a command does when it is done. */
  apply(command: Command): void {
    // One function for each name; TypeScript does not follow the name through the union.
    const act = ACTS[command.do as ModelCommand] as (model: ModelHost, command: never) => void
    act(this, command as never)
  }

  find(netns: string, name: string): [number, ModelLink] {
    const found = [...this.links].find(([, link]) => link.netns === netns && link.name === name)
    if (!found) throw new Error(`the model has no link ${name} in ${netns}`)
    return found
  }

  add(link: Pick<ModelLink, 'netns' | 'name' | 'kind'> & Partial<ModelLink>): number {
    const key = this.#next++
    const fresh = { up: false, mtu: 1500, promisc: false, addresses: [], neighbours: new Map(), fdb: new Set<string>() }
    this.links.set(key, { ...fresh, ...link })
    return key
  }

  /** With a link go its other end, what stands on it, and what leads over it. */
  remove(key: number): void {
    const link = this.links.get(key)
    if (!link) return
    this.links.delete(key)
    this.dropRoutes(key)
    this.#follow(link)
    if (link.kind === 'bridge') for (const port of this.#portsOf(link)) this.unplug(port)
    for (const [other, { far, kind }] of [...this.links])
      if (far === key && (kind === 'macvlan' || link.kind === 'veth')) this.remove(other)
  }

  /** Sets an MTU; what stands on the link can carry no more, and the bridge that it is plugged into follows. */
  setMtu(key: number, mtu: number): void {
    const link = this.links.get(key)
    if (!link) return
    link.mtu = mtu
    for (const [upper, { kind, far, mtu: was }] of this.links)
      if (kind === 'macvlan' && far === key && was > mtu) this.setMtu(upper, mtu)
    this.#follow(link)
  }

  plug(port: ModelLink, master: string): void {
    port.master = master
    this.#follow(port)
  }

  unplug(port: ModelLink): void {
    const { master } = port
    delete port.master
    port.fdb.clear()
    this.#follow({ ...port, ...(master !== undefined && { master }) })
  }

  /** A bridge carries what the least of its ports does. */
  #follow({ netns, master }: ModelLink): void {
    const bridge = [...this.links].find(([, one]) => one.netns === netns && one.name === master)
    if (!bridge || master === undefined) return
    const ports = this.#portsOf(bridge[1])
    this.setMtu(bridge[0], Math.min(...(ports.length > 0 ? ports.map(({ mtu }) => mtu) : [1500])))
  }

  #portsOf(bridge: ModelLink): ModelLink[] {
    return [...this.links.values()].filter(({ netns, master }) => netns === bridge.netns && master === bridge.name)
  }

  rename([key, link]: [number, ModelLink], to: string): void {
    for (const port of link.kind === 'bridge' ? this.#portsOf(link) : []) port.master = to
    this.links.set(key, { ...link, name: to })
  }

  dropRoutes(key: number): void {
    this.#routes = this.#routes.filter(({ link }) => link !== key)
  }

  addRoute(route: ModelRoute): void {
    this.#routes.push(route)
  }

  deleteRoute(netns: string, dst: string): void {
    this.#routes = this.#routes.filter((route) => route.netns !== netns || route.dst !== dst)
  }

  #take(other: ModelHost): void {
    this.namespaces.clear()
    for (const [name, one] of other.namespaces) this.namespaces.set(name, { ...one })
    for (const [key, link] of other.links) this.links.set(key, structuredClone(link))
    this.#routes = structuredClone(other.#routes)
    this.#next = other.#next
  }
}

/** The commands that sequences are made of. */
export type ModelCommand = Extract<
  CommandName,
  | `link.${'up' | 'down' | 'rename' | 'mtu' | 'promisc' | 'move' | 'attach' | 'detach' | 'delete'}`
  | `${'veth' | 'bridge' | 'macvlan'}.create`
  | `${'address' | 'neighbour' | 'fdb' | 'route'}.${'add' | 'delete'}`
  | `netns.${'add' | 'delete'}`
  | 'sysctl.set'
>

const ACTS: { readonly [N in ModelCommand]: (model: ModelHost, command: CommandOf<N>) => void } = {
  'link.up': (model, { netns, link }) => {
    model.find(netns, link)[1].up = true
  },
  'link.down': (model, { netns, link }) => {
    const [key, found] = model.find(netns, link)
    found.up = false
    found.neighbours.clear()
    model.dropRoutes(key)
  },
  'link.rename': (model, { netns, link, to }) => model.rename(model.find(netns, link), to),
  'link.mtu': (model, { netns, link, mtu }) => {
    model.setMtu(model.find(netns, link)[0], mtu)
  },
  'link.promisc': (model, { netns, link, on }) => {
    model.find(netns, link)[1].promisc = on
  },
  'link.move': (model, { netns, link, to }) => {
    const [key, found] = model.find(netns, link)
    model.dropRoutes(key)
    found.neighbours.clear()
    Object.assign(found, { netns: to, up: false, addresses: [] })
  },
  'link.attach': (model, { netns, link, bridge }) => {
    model.plug(model.find(netns, link)[1], bridge)
  },
  'link.detach': (model, { netns, link }) => model.unplug(model.find(netns, link)[1]),
  'link.delete': (model, { netns, link }) => model.remove(model.find(netns, link)[0]),
  'veth.create': (model, { netns, name, peer }) => {
    const one = model.add({ netns, name, kind: 'veth' })
    const other = model.add({ ...peer, kind: 'veth', far: one })
    Object.assign(model.links.get(one) ?? {}, { far: other })
  },
  'bridge.create': (model, { netns, name }) => {
    model.add({ netns, name, kind: 'bridge' })
  },
  'macvlan.create': (model, { netns, name, parent }) => {
    const [far, { mtu }] = model.find(netns, parent)
    model.add({ netns, name, kind: 'macvlan', far, mtu })
  },
  'address.add': (model, { netns, link, address }) => {
    model.find(netns, link)[1].addresses.push(address)
  },
  'address.delete': (model, { netns, link, address }) => {
    const [key, found] = model.find(netns, link)
    const at = found.addresses.indexOf(address)
    const isFirst = !found.addresses.slice(0, at).some((other) => sameSubnet(other, address))
    // With the first address of a subnet go those that came after it.
    found.addresses = found.addresses.filter((other) => other !== address && !(isFirst && sameSubnet(other, address)))
    if (found.addresses.length > 0) return
    found.neighbours.clear()
    model.dropRoutes(key)
  },
  'neighbour.add': (model, { netns, link, address, mac }) => {
    model.find(netns, link)[1].neighbours.set(address, mac)
  },
  'neighbour.delete': (model, { netns, link, address }) => {
    model.find(netns, link)[1].neighbours.delete(address)
  },
  'fdb.add': (model, { netns, link, mac }) => {
    const [, port] = model.find(netns, link)
    // A bridge has one entry for each address.
    for (const other of model.links.values())
      if (other.netns === netns && other.master === port.master) other.fdb.delete(mac)
    port.fdb.add(mac)
  },
  'fdb.delete': (model, { netns, link, mac }) => {
    model.find(netns, link)[1].fdb.delete(mac)
  },
  'route.add': (model, { netns, dst, via, link }) => {
    if (via === undefined || link === undefined) throw new Error('sequences make routes by gateway and link')
    model.addRoute({ netns, dst, via, link: model.find(netns, link)[0] })
  },
  'route.delete': (model, { netns, dst }) => model.deleteRoute(netns, dst),
  'netns.add': (model, { name }) => {
    model.namespaces.set(name, { forward: false })
  },
  'netns.delete': (model, { name }) => {
    model.namespaces.delete(name)
    for (const [key, { netns }] of [...model.links]) if (netns === name) model.remove(key)
  },
  'sysctl.set': (model, { netns, value }) => {
    model.namespaces.set(netns, { forward: value === 1 })
  },
}

function sameSubnet(a: string, b: string): boolean {
  const [[one = '', length = ''], [other = '', otherLength = '']] = [a.split('/'), b.split('/')]
  return length === otherLength && inSubnet(one, other, Number(length))
}
