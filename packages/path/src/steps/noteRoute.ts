import type { NetnsIndex } from '../host/hostIndex.ts'
import { ipText } from '../ip.ts'
import { flowOf, type Packet } from '../packet.ts'
import { note, predicted, refOf, type Walk } from '../walk.ts'
import type { FibResult } from './fib.ts'

/** The hop for a route that was chosen, or for none. */
export function noteRoute(walk: Walk, space: NetnsIndex, packet: Packet, found: FibResult): void {
  const { route, rule, out, gateway, result } = found
  note(walk, {
    ...predicted(space.id),
    kind: 'route',
    result,
    ...(route && { routeId: route.id, dst: route.dst, table: route.table }),
    ...(route?.prefSrc !== undefined && { prefSrc: route.prefSrc }),
    ...(rule && { policyRuleId: rule.id }),
    ...(gateway !== undefined && { gateway: ipText(gateway) }),
    ...(out && { out: refOf(out) }),
    flow: flowOf(packet),
  })
}
