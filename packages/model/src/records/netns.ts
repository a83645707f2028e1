import { z } from 'zod'

/** A network namespace. Same facts as `lsns -t net`, `ip netns list` and the files under /run/docker/netns. */
export const netnsSchema = z.strictObject({
  id: z.string(),
  /** nsfs inode: what `readlink /proc/PID/ns/net` prints. */
  inode: z.number().int(),
  /** The namespace that the agent itself calls the host's. */
  root: z.boolean(),
  /** Names of files that hold it: `ip netns` names, and Docker's sandbox keys. */
  names: z.array(z.strictObject({ name: z.string(), path: z.string(), by: z.enum(['iproute2', 'docker']) })),
  /** Up to eight processes inside, lowest pid first. */
  processes: z.array(z.strictObject({ pid: z.number().int(), comm: z.string() })),
  processCount: z.number().int(),
  /** A path that `nsenter --net=` accepts, while it lasts. */
  path: z.string(),
})
export type Netns = z.infer<typeof netnsSchema>
