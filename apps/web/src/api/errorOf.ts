import { type ErrorCode, errorCode } from '@hopscope/protocol'
import { z } from 'zod'

/** Why a call failed, for a sentence of the catalogue `errors`. `seconds` until another try makes sense. */
export type CallError = { code: ErrorCode | 'UNREACHABLE'; seconds: number }

const shape = z.object({
  hopscope: z.object({ code: errorCode, params: z.record(z.string(), z.union([z.string(), z.number()])).optional() }),
})

/** Puts any failure of a call into one of the known codes. Without an answer of the hub: UNREACHABLE. */
export function errorOf(e: unknown): CallError {
  const data: unknown = e instanceof Error && 'data' in e ? e.data : undefined
  const info = shape.safeParse(data).data?.hopscope
  if (!info) return { code: data ? 'INTERNAL' : 'UNREACHABLE', seconds: 0 }
  const wait = Number(info.params?.retryAfter ?? 0)
  return { code: info.code, seconds: Number.isFinite(wait) ? Math.ceil(wait) : 0 }
}
