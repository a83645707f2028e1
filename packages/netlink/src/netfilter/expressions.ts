import type { Reader } from '../codec/reader.ts'

/** One attribute as it lies in the kernel: its number, its value in hex, or its children when it is a nest. */
export type AttributeNode = { type: number; hex: string; children?: AttributeNode[] }
/** One expression of a rule: payload, cmp, immediate, counter, nat… with its attributes by the kernel's numbers. */
export type Expression = { name: string; attributes: AttributeNode[] }
export type RuleCounter = { packets: number; bytes: number }

const NESTED = 0x8000
// Nests that old kernels and most expressions send without the flag: struct nft_data, and a verdict inside of one.
const NESTS: Record<string, readonly number[] | undefined> = {
  immediate: [2],
  cmp: [3],
  range: [3, 4],
  bitwise: [4, 5, 7],
  dynset: [7, 10],
}
const DATA_NESTS: readonly number[] = [2]
const DEEPEST = 8 // a rule nests five levels; garbage may pretend to nest for ever

/** The list of expressions in NFTA_RULE_EXPRESSIONS, with the first counter's figures. */
export function readExpressions(
  reader: Reader,
  start: number,
  end: number,
): { expressions: Expression[]; counter?: RuleCounter } {
  const expressions: Expression[] = []
  let counter: RuleCounter | undefined
  reader.attributes(start, end, (listType, from, to) => {
    if (listType !== 1) return reader.unknown()
    const expression: Expression = { name: '', attributes: [] }
    let data: readonly [number, number] | undefined
    reader.attributes(from, to, (type, at, until) => {
      if (type === 1) expression.name = reader.text(at, until)
      else if (type === 2) data = [at, until]
      else reader.unknown()
    })
    if (data) {
      expression.attributes = readTree(reader, data, { nests: NESTS[expression.name], depth: 0 })
      if (expression.name === 'counter') counter ??= readCounter(reader, data)
    }
    expressions.push(expression)
  })
  return counter === undefined ? { expressions } : { expressions, counter }
}

type Level = { nests: readonly number[] | undefined; depth: number }

function readTree(reader: Reader, [start, end]: readonly [number, number], { nests, depth }: Level): AttributeNode[] {
  const nodes: AttributeNode[] = []
  reader.attributes(start, end, (type, from, to) => {
    // The reader removes the flag; it lies in the upper bit of the type, two bytes before the value.
    const nest = nests?.includes(type) || (reader.bytes.readUInt16LE(from - 2) & NESTED) !== 0
    if (!nest || depth === DEEPEST) nodes.push({ type, hex: reader.hex(from, to) })
    else
      nodes.push({
        type,
        hex: '',
        children: readTree(reader, [from, to], { nests: depth === 0 ? DATA_NESTS : undefined, depth: depth + 1 }),
      })
  })
  return nodes
}

function readCounter(reader: Reader, [start, end]: readonly [number, number]): RuleCounter {
  const counter: RuleCounter = { packets: 0, bytes: 0 }
  reader.attributes(start, end, (type, from, to) => {
    if (type === 1) counter.bytes = reader.u64BE(from, to) ?? 0
    else if (type === 2) counter.packets = reader.u64BE(from, to) ?? 0
  })
  return counter
}
