/**
 * By which nodes and lines a packet's line leads, how, where it is now, and how far along the line, from 0 to 1; what was seen of it beside a
 * prediction, and whether a sign says where both differ.
 */
export type FollowedWay = {
  nodes: string[]
  lines: string[]
  strokes: ('solid' | 'dashed')[]
  beside?: string[]
  differs: boolean
  here?: string
  part?: number
}
