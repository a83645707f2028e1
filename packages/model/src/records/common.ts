import { z } from 'zod'

export const family = z.enum(['inet', 'inet6'])
export type Family = z.infer<typeof family>

/** Ids are made here only; nobody else joins strings to ids. */
export const netnsId = (inode: number): string => `ns:${inode}`
export const linkId = (netns: string, ifindex: number): string => `link:${netns.slice(3)}:${ifindex}`
export const part = (netns: string): string => netns.slice(3)

/** Every record is flat, has an id that is unique on its host, and (but for host-wide ones) names its namespace. */
export const inNetns = { id: z.string(), netns: z.string() }
