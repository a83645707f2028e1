import type { z } from 'zod'
import { appRouter } from '../../src/api/router.ts'
import type { Access } from '../../src/api/trpc.ts'

/** What the router says of a procedure. */
export type Procedure = {
  path: string
  kind: 'query' | 'mutation'
  access: Access | undefined
  /** The names of the fields that it takes. */
  fields: string[]
}

type Said = { type: 'query' | 'mutation'; meta?: { access?: Access }; inputs: z.ZodObject[] }
// At run time they lie flat, by path; the type keeps them nested.
const flat = appRouter._def.procedures as unknown as Record<string, { _def: Said }>

/** Every procedure there is: one that is new is tested, too. */
export const PROCEDURES: Procedure[] = Object.entries(flat).map(([path, { _def }]) => ({
  path,
  kind: _def.type,
  access: _def.meta?.access,
  fields: _def.inputs.flatMap((input) => Object.keys(input.shape)),
}))
