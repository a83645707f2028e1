import { z } from 'zod'
import { commandSchema } from './commands/command.ts'

/** A sentence by its code; @hopscope/command has the words in each language. */
export const phraseSchema = z.strictObject({
  code: z.string().max(60),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
})

/** The same for why something was not done, did not work or was undone; a program's own words stand beside it. */
export const reasonSchema = z.strictObject({
  ...phraseSchema.shape,
  detail: z.string().max(4_000).optional(),
  /** What a plan was made from and what is there instead; nothing where it is left out. */
  difference: z.strictObject({ expected: z.string().optional(), found: z.string().optional() }).optional(),
})

const stepSchema = z.strictObject({
  title: phraseSchema,
  /** As a person would type it. */
  shell: z.string(),
  state: z.enum(['waiting', 'doing', 'done', 'undone', 'failed']),
})

/** A command that was run on a host, as its agent's journal has it. */
export const changeSchema = z.strictObject({
  id: z.string().min(1).max(60),
  /** Milliseconds since the epoch. */
  at: z.number(),
  by: z.string().max(64),
  command: commandSchema,
  title: phraseSchema,
  steps: z.array(stepSchema),
  lost: z.array(phraseSchema),
  /**
   * `failed`: a step did not work, and those before it were undone. `stuck`: undoing did not work either; `left` says what
   * is to be done by hand. `unconfirmed`: it is done, and undone by itself unless somebody keeps it in time.
   */
  state: z.enum(['running', 'unconfirmed', 'done', 'undoing', 'undone', 'failed', 'stuck']),
  /** Why it failed or was undone. */
  reason: reasonSchema.optional(),
  left: reasonSchema.optional(),
  /** Whose way it may cut; such a change is to be confirmed. */
  risks: z.array(phraseSchema).optional(),
  /** Milliseconds that were left to keep it when this was told. */
  revertIn: z.number().optional(),
  /** Nothing can undo it. */
  final: z.boolean().optional(),
  milliseconds: z.number().optional(),
})
export type Change = z.infer<typeof changeSchema>

const refusalSchema = z.strictObject({ ...phraseSchema.shape, field: z.string().optional() })

/** What came of a request to change something. */
export const changeAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('change'), change: changeSchema }),
  /** It cannot work; nothing was run. */
  z.strictObject({ kind: z.literal('refused'), refusal: refusalSchema }),
  /** The host is another one than when the plan was shown: these would be the commands now. Nothing was run. */
  z.strictObject({ kind: z.literal('moved'), shell: z.array(z.string()) }),
  /** Not on this host, not by this person, not now: `reason` says what to do. */
  z.strictObject({ kind: z.literal('denied'), reason: reasonSchema }),
])
export type ChangeAnswer = z.infer<typeof changeAnswerSchema>

/** Seconds in which a change is to be confirmed. */
export const revertAfterSchema = z.number().int().min(10).max(300)
export const REVERT_AFTER = 60

/** Who asks, as the hub has it: those who may only look never get so far. */
const askingRole = z.enum(['operator', 'admin'])
export type AskingRole = z.infer<typeof askingRole>
const asker = { by: z.string().min(1).max(64), role: askingRole }

export const changeRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    command: commandSchema,
    ...asker,
    /** The commands that were shown; the agent plans anew and runs nothing else. */
    shown: z.array(z.string()).max(200),
    /** The name that was typed, where the plan wants one. */
    confirm: z.string().max(200).optional(),
    revertAfter: revertAfterSchema.optional(),
    /** From where pages are open, as the hub sees them: the change must not cut them off. */
    viewers: z.array(z.string().max(60)).max(100).optional(),
  }),
  /** It is to stay: asked over a connection that was made after it, for those from before may outlive what they went over. */
  z.strictObject({ kind: z.literal('keep'), id: z.string().min(1).max(60), ...asker }),
  z.strictObject({ kind: z.literal('undo'), id: z.string().min(1).max(60), ...asker }),
])
export type ChangeRequest = z.infer<typeof changeRequestSchema>

/** Hub → agent: change one of your hosts, or tell what was changed on it. */
export const changeMessageSchema = z.strictObject({ hostId: z.string().min(1).max(200), request: changeRequestSchema })
export type ChangeMessage = z.infer<typeof changeMessageSchema>
export const historySchema = z.array(changeSchema)
