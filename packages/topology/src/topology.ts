import type { RecordKind } from '@hopscope/model'

/** A record of a snapshot that stands behind something drawn: what a click opens in the inspector. */
export type RecordRef = { hostId: string; kind: RecordKind; id: string }

/**
 * What a node is. Everything that the map, the tree and the legend show is one of these.
 * - `host` the frame around one vantage · `segment` a subnet outside, reached by NICs, shared by joined hosts
 * - `nic` a link of the root namespace that leads outside · `stack` its routes, rules and connections, one upright bar
 * - `bridge` a switch (any namespace's) · `macvlan` the bar under a parent link that its macvlan children hang from
 * - `tunnel` a vxlan, wireguard, tun… link · `port` the end of a veth that is plugged into a bridge or stands in the root namespace
 * - `box` a network namespace other than the root one, with the containers in it · `interface` a link inside a box
 * - `entrance` a published port · `resident` a container in `host` mode · `peer` the far end of a tunnel
 * - `bay` a labelled area: containers without network, hand-made namespaces, namespaces of plain processes
 * - `block` many folded into one: its `members` say how many and how they are
 */
export type NodeKind =
  | 'host'
  | 'segment'
  | 'nic'
  | 'stack'
  | 'bridge'
  | 'macvlan'
  | 'tunnel'
  | 'port'
  | 'box'
  | 'interface'
  | 'entrance'
  | 'resident'
  | 'peer'
  | 'bay'
  | 'block'

/** Why boxes stand in a bay and not in a rack. `system` is what Docker made for itself (ingress, load balancers). */
export type BayRole = 'none' | 'hand-made' | 'processes' | 'system'

/** One cell of a block: a node that is folded into it. */
export type BlockMember = { id: string; label: string; state: NodeState }

/** `unknown` when the fact is missing, never guessed. */
export type NodeState = 'up' | 'down' | 'degraded' | 'unknown'

export type TopoNode = {
  /** Unique over all hosts and stable while the object lives: `<hostId>/<record id>` or `<hostId>/<role>`. */
  id: string
  kind: NodeKind
  hostId: string
  /** The node it is drawn inside of. */
  parent?: string
  /** Its own name: `docker0`, `web`, `8080 → 80/tcp`. Names only; sentences are the page's. */
  label: string
  /** Second line: address, subnet, image… */
  detail?: string
  state: NodeState
  /** Short facts the page may show as marks: network mode, `internal`, `promisc`, `shared`, second attachment `→ br-y`… */
  badges: Badge[]
  /** Main record first. */
  refs: RecordRef[]
  /** The bridge or bar whose rack this box stands in (its default-route network). */
  rack?: string
  /** Of a `bay`: which one it is; the label is the page's. */
  bay?: BayRole
  /** Of a `block`: everything that is folded into it, in a stable order, and what kind of node it is. */
  members?: BlockMember[]
  memberKind?: NodeKind
}

export type Badge =
  | { kind: 'mode'; value: string }
  | { kind: 'attachment'; to: string; toNode: string }
  | {
      kind: 'flag'
      value:
        | 'internal'
        | 'promisc'
        | 'router'
        | 'no-icc'
        | 'stp'
        | 'loopback-down'
        | 'isolated'
        | 'hairpin'
        | 'system' // Docker made it for itself
        | 'shared' // several containers in one namespace
        | 'own-rules' // a port that Hopscope's own rules publish
    }
  | { kind: 'peer'; value: string } // if48 ↔ if47
  | { kind: 'count'; value: number }

/** `lower` also joins a VLAN or bond with the links it is made of; `publish` also joins an entrance with the stack. */
export type EdgeKind =
  | 'segment' // nic – segment
  | 'route' // stack – nic, bridge, port: the root namespace owns an address there
  | 'bridge-port' // port – bridge
  | 'veth' // both ends of a pair
  | 'macvlan' // child – bar, bar – parent
  | 'lower' // tunnel – underlay
  | 'tunnel' // tunnel – peer, also across hosts
  | 'publish' // entrance – box
  | 'shares' // resident, namespace shared by several containers
  | 'link-option' // docker --link from – to

export type TopoEdge = {
  id: string
  kind: EdgeKind
  source: string
  target: string
  state: NodeState
  /** `if48 ↔ if47`, `vni 4097`. */
  label?: string
  refs: RecordRef[]
  /** A second attachment: its edge shows only on hover or selection (the badge stands for it). */
  secondary?: boolean
}

/** Everything that is drawn of all hosts. Equal input gives equal output, in a stable order. */
export type Topology = { nodes: TopoNode[]; edges: TopoEdge[] }

/** Model coordinates; x to the right, y down; a node's rectangle by its centre. */
export type Placed = { x: number; y: number; w: number; h: number }
export type Layout = {
  nodes: Map<string, Placed>
  /**
   * Bend points of edges that are not straight, in order from source to target. A first (last) bend that lies on the
   * border of the source (target) is where the edge leaves it.
   */
  bends: Map<string, { x: number; y: number }[]>
  /** Size of the whole picture. */
  bounds: { x: number; y: number; w: number; h: number }
}
