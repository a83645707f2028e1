import type { Reason } from './plan.ts'
import type { ReasonCode } from './words/reasons.ts'

/** How a program ended that could not do what it was to do. */
export type Ended =
  | { kind: 'missing' }
  | { kind: 'ended'; code: number; stderr: string }
  | { kind: 'late'; seconds: number }

/** Why a program failed, as a sentence that both languages have, with its own words beside it. */
export function failureOf(program: string, ended: Ended): Reason {
  switch (ended.kind) {
    case 'missing':
      return { code: 'PROGRAM_MISSING', params: { program } }
    case 'late':
      return { code: 'TIMED_OUT', params: { program, seconds: ended.seconds } }
    case 'ended': {
      const said = saidIn(ended.stderr)
      const [, code] = SENTENCES.find(([words]) => words.test(said)) ?? []
      const reason: Reason =
        code === undefined
          ? { code: 'PROGRAM_FAILED', params: { program, code: ended.code } }
          : { code, params: code === 'PROGRAM_MISSING' ? { program } : {} }
      return said === '' ? reason : { ...reason, detail: said }
    }
  }
}

/** Whether a failure says that an act had been done already, or that its object was never made: then nothing is to be undone. */
export const isSoAlready = ({ code, detail = '' }: Reason): boolean =>
  code === 'NOTHING_LEADS_THERE' || ALREADY_SO.test(detail)

/** What iproute2, bridge and docker say then. */
const ALREADY_SO =
  /file exists|already exists|already assigned|cannot find device|no such|cannot assign requested address|not found|does not exist|is not connected|cannot open network namespace|bad rule|no chain|is incompatible|couldn't load target/i

const MOST_SAID = 1_000

/** The first lines of it, without advice about the program's own options. */
function saidIn(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(exit status \d|Run '|Try `|See ')/.test(line))
  return lines.slice(0, 3).join(' ').trim().slice(0, MOST_SAID)
}

/** What programs say, in their own words with LC_ALL=C; the first that is found. Docker's come first, for it quotes the kernel. */
const SENTENCES: readonly (readonly [RegExp, ReasonCode])[] = [
  [/permission denied while trying to connect to the docker/i, 'DOCKER_FORBIDDEN'],
  [/cannot connect to the docker daemon|error during connect/i, 'DOCKER_AWAY'],
  [/container name .* is already in use/i, 'CONTAINER_NAME_USED'],
  [/network with name .* already exists/i, 'NETWORK_NAME_USED'],
  [/endpoint with name .* already exists|already connected to|already attached to network/i, 'CONNECTED_ALREADY'],
  [/is not connected to/i, 'NOT_CONNECTED_NOW'],
  [/port is already allocated|bind: address already in use|failed to bind (?:host )?port/i, 'PORT_USED'],
  [/address already in use/i, 'ADDRESS_USED'],
  [/no such container/i, 'NO_CONTAINER'],
  [/no such image|unable to find image|pull access denied/i, 'NO_IMAGE'],
  [/no such network|network \S+ not found/i, 'NO_NETWORK'],
  [/has active endpoints/i, 'NETWORK_USED'],
  [/pool overlaps with other one/i, 'SUBNET_USED'],
  [/predefined address pools have been fully subnetted|non-overlapping ipv\d address pool/i, 'NO_SUBNET_LEFT'],
  [/failed to execute|exec of .* failed/i, 'PROGRAM_MISSING'],
  [/cannot open network namespace|nsenter: cannot open/i, 'NO_NAMESPACE'],
  [/file exists|already exists|already assigned/i, 'EXISTS'],
  [/cannot find device|no such device|device \S+ does not exist/i, 'NO_DEVICE'],
  [
    /no such process|no such file or directory|address not found|no chain\/target\/match|bad rule|chain \S+ does not exist/i,
    'NO_ENTRY',
  ],
  [/operation not permitted|permission denied/i, 'NOT_PERMITTED'],
  [/resource busy/i, 'BUSY'],
  [/network is unreachable|no route to host|nexthop has invalid gateway/i, 'UNREACHABLE'],
  [/cannot assign requested address/i, 'NO_SUCH_ADDRESS'],
  [/network is down/i, 'NETWORK_DOWN'],
  [/not supported|unknown device type/i, 'NOT_SUPPORTED'],
  [/invalid argument|numerical result out of range|greater than device maximum|less than device minimum/i, 'INVALID'],
  [/read-only file system/i, 'READ_ONLY'],
  [/no space left|no buffer space/i, 'NO_SPACE'],
]
