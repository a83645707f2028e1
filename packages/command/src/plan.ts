import type { RecordKind } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import type { OwnPort } from '@hopscope/topology'
import type { PhraseCode, RefusalCode } from './words/codes.ts'
import type { ReasonCode } from './words/reasons.ts'

/** A sentence that both languages have; see `words`. */
export type Phrase = { code: PhraseCode; params: Readonly<Record<string, string | number>> }
/** Why a command cannot work, found before anything runs; `field` names the input that it is about. */
export type Refusal = { code: RefusalCode; params: Readonly<Record<string, string | number>>; field?: string }
/** Why something was not done, did not work or was undone; `detail` has the words of the program that said so. */
export type Reason = {
  code: ReasonCode
  params: Readonly<Record<string, string | number>>
  detail?: string
  difference?: Difference
}
/** What a plan was made from and what is there instead, in the kernel's and Docker's own words; nothing where it is left out. */
export type Difference = { expected?: string; found?: string }

/** A namespace where an act happens: a record's id, or `name:X` for one that an earlier act makes. */
export type Place = string
/** A namespace by its name of `ip netns`, or by the container (a record's id) that it belongs to. */
export type Owner = { name: string } | { container: string }
/** One program, as an argument array. How it gets into the namespace is decided when it is shown or run; see `argvOf`. */
export type Program = {
  place: Place
  /** Whose namespace it was when this was planned, where it is run later. */
  owner?: Owner | undefined
  argv: readonly string[]
  /** What it removes may be gone already: that is no failure. */
  mayBeGone?: true | undefined
  /** A program that lists a chain: the act is left out while the chain holds rules, or when it is gone. */
  ifEmpty?: readonly string[] | undefined
  /** A file that is there and takes what the program says, as "> FILE" does. */
  into?: string | undefined
}
/** A published port that the agent writes down, to put it back when its rules get lost. */
export type Publication = OwnPort & { containerId: string }
/** `withdraw` forgets a publication and takes its rules away, whatever they have become since. */
export type Act = Program | { keep: Publication } | { forget: Publication } | { withdraw: Publication }

/** What must be so right before a step runs, or somebody else has changed it. */
export type Expect =
  /** `was`: as the kernel's or Docker's own programs would name it; `master`: the index of its bridge; `place`: where its like is looked for. */
  | { kind: 'record'; of: RecordKind; id: string; name?: string; was?: string; master?: number; place?: Place }
  | { kind: 'noLink'; place: Place; name: string }
  | { kind: 'noNetns'; name: string }

/** One act, what undoes it, and what must be so before it. */
export type Step = {
  title: Phrase
  act: Act
  undo: readonly Act[]
  expects: readonly Expect[]
  /** What goes with it a little later than its program ends: until then it is not done. */
  ends?: readonly Expect[]
}

/** Everything that a command will do, before it is done. */
export type Plan = {
  command: Command
  title: Phrase
  steps: readonly Step[]
  /** What undo will not bring back. */
  lost: readonly Phrase[]
  /** True for what nothing can undo. */
  final?: true
  /** The name to be typed, because the object is not ours. */
  confirm?: string
}
export type Planned = { plan: Plan } | { refused: Refusal }

/** Thrown by planners where they find what cannot work; `planCommand` gives it back as a value. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(code: RefusalCode, params: Refusal['params'] = {}, field?: string) {
    super(code)
    this.refusal = { code, params, ...(field !== undefined && { field }) }
  }
}
