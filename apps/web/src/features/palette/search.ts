import type { AnyRecord, HostSnapshot } from '@hopscope/model'
import type { RecordRef, Topology, TopoNode } from '@hopscope/topology'

/** Something found: the node that shows it, the box it is in, the record to open, and what matched when it is not the name. */
export type Hit = { node: TopoNode; ref: RecordRef; host: string; place?: string; matched?: string; score: number }

/** Objects of the map by name, address, MAC, port, namespace or image; the best first, at most `limit`. */
export function search(
  topology: Topology,
  snapshots: ReadonlyMap<string, HostSnapshot>,
  query: string,
  limit = 40,
): Hit[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return []
  const hits: Hit[] = []
  const boxes = new Map(topology.nodes.filter((n) => n.kind === 'box').map((n) => [n.id, n.label]))
  for (const node of topology.nodes) {
    const ref = node.refs[0]
    const hit = ref && match(node, ref, snapshots, words)
    if (!hit) continue
    const place = boxes.get(node.parent ?? '')
    hits.push({ ...hit, ...(place !== undefined && { place }) })
  }
  return hits.sort((a, b) => b.score - a.score || names.compare(a.node.label, b.node.label)).slice(0, limit)
}

const names = new Intl.Collator('en', { numeric: true })

function match(
  node: TopoNode,
  ref: RecordRef,
  snapshots: ReadonlyMap<string, HostSnapshot>,
  words: string[],
): Hit | undefined {
  const texts = [node.label, node.detail ?? '', ...node.refs.flatMap((r) => textsOf(recordOf(snapshots, r)))]
  let score = 0
  let matched: string | undefined
  for (const word of words) {
    const best = bestOf(texts, word)
    if (!best) return undefined
    score += best.score
    if (best.text !== node.label && best.text !== node.detail) matched = best.text
  }
  const host = snapshots.get(node.hostId)?.host.name ?? ''
  return { node, ref, host, score, ...(matched && { matched }) }
}

const recordOf = (snapshots: ReadonlyMap<string, HostSnapshot>, r: RecordRef): AnyRecord | undefined =>
  snapshots.get(r.hostId)?.records[r.kind][r.id]

/** The whole text beats its beginning, its beginning beats a part; names beat what lies behind them. */
function bestOf(texts: string[], word: string): { text: string; score: number } | undefined {
  let best: { text: string; score: number } | undefined
  for (const [i, text] of texts.entries()) {
    const lower = text.toLowerCase()
    const at = lower.indexOf(word)
    if (at < 0) continue
    const score = (lower === word ? 100 : at === 0 ? 60 : /\w/.test(lower[at - 1] ?? '') ? 15 : 35) - Math.min(i, 10)
    if (!best || score > best.score) best = { text, score }
  }
  return best
}

/** What of a record a person may look for. */
function textsOf(record: AnyRecord | undefined): string[] {
  if (!record) return []
  const out: string[] = []
  const add = (...texts: (string | number | undefined)[]) => {
    for (const t of texts) if (t !== undefined && t !== '') out.push(String(t))
  }
  if ('altNames' in record) add(record.name, ...record.altNames, record.address, record.alias, record.index)
  else if ('inode' in record && 'names' in record) {
    add(...record.names.map((n) => n.name), record.inode, ...record.processes.flatMap((p) => [p.comm, p.pid]))
  } else if ('containerId' in record) {
    add(record.name, record.containerId, record.image, record.hostname, record.pid)
    for (const a of record.attachments) add(a.network, a.ip, a.ip6, a.mac, ...a.aliases)
    for (const p of record.ports) add(p.hostPort, p.containerPort)
  } else if ('networkId' in record) add(record.name, record.networkId, ...record.ipam.map((i) => i.subnet))
  else if ('local' in record) add(record.local)
  return out
}
