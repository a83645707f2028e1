import type { Hue } from '../../../theme/colours.ts'
import { Badge } from '../../../ui/index.ts'
import type { Status } from '../model/page.ts'
import { useSay } from '../useSay.ts'

const HUES: Record<Status['state'], Hue> = { up: 'ok', down: 'danger', degraded: 'warn', unknown: 'stack' }

/** The state in words, in the colour of how good that is. */
export function StateMark({ status }: { status: Status }) {
  const say = useSay()
  return <Badge hue={HUES[status.state]}>{say(status.say)}</Badge>
}
