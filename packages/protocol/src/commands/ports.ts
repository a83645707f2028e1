import { z } from 'zod'
import { dockerRef, publish } from './docker.ts'

/** `rules`: at once, by Hopscope's own firewall rules. `recreate`: the container is made anew with Docker's own publishing. */
const by = z.enum(['rules', 'recreate'])
const which = { container: dockerRef, publish, by }

/** Published ports of a container that runs. To take one away, it is named as it was published: 8080:80/tcp. */
export const portCommands = [
  z.strictObject({ do: z.literal('port.publish'), ...which }),
  z.strictObject({ do: z.literal('port.unpublish'), ...which }),
] as const
