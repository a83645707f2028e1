import { enterArgv } from './enter.ts'
import { must } from './run.ts'

/** The addresses that join the hosts of a sandbox: a /24 with the gateway at .1 and the hosts from .11 on. */
export type FabricPlan = {
  subnet: string
  gateway: string
  prefixLength: number
  /** The network behind the gateway, from which published ports are reached. */
  outsideGateway: string
  outsideAddress: string
}

export type Place = { initPid: number; rootless: boolean }
export type Wiring = { fabric: Place; outside: Place; plan: FabricPlan }

export const nicName = 'ens33'

/** Plan for a subnet given by its first three bytes, such as "192.168.66". */
export function planFabric(subnet = '192.168.66'): FabricPlan {
  return {
    subnet,
    gateway: `${subnet}.1`,
    prefixLength: 24,
    outsideGateway: '203.0.113.1',
    outsideAddress: '203.0.113.10',
  }
}

/** Address of the host at this index, counted from 0: .11, .12, … */
export function hostAddress(plan: FabricPlan, index: number): string {
  return `${plan.subnet}.${11 + index}`
}

/**
 * Makes the switch with the gateway on it, and the outside behind the gateway. There is no default route out of the
 * fabric: nothing in a sandbox ever reaches the real network.
 */
export async function wireFabric({ fabric, outside, plan }: Wiring): Promise<void> {
  await ipBatch(fabric, [
    'link add switch type bridge',
    'link set switch up',
    `address add ${plan.gateway}/${plan.prefixLength} dev switch`,
    `link add outside type veth peer name eth0 netns ${outside.initPid}`,
    `address add ${plan.outsideGateway}/24 dev outside`,
    'link set outside up',
  ])
  await ipBatch(outside, [
    `address add ${plan.outsideAddress}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${plan.outsideGateway}`,
  ])
  await must(enterArgv(fabric, ['tee', '/proc/sys/net/ipv4/ip_forward']), { input: '1' })
}

/** Plugs a host's ens33 into the switch, with its address and the default route. Same as "ip link add … type veth peer …". */
export async function plugHost(wiring: Wiring & { host: Place; port: string; address: string }): Promise<void> {
  const { fabric, host, port, plan, address } = wiring
  await plugWire({ fabric, host, port, bridge: 'switch', nic: nicName })
  await ipBatch(host, [
    `address add ${address}/${plan.prefixLength} broadcast + dev ${nicName}`,
    `link set ${nicName} up`,
    `route add default via ${plan.gateway}`,
  ])
}

/** Makes one more switch in the fabric for a wire that every host gets a NIC on, without addresses. */
export async function addWireSwitch(fabric: Place, bridge: string): Promise<void> {
  await ipBatch(fabric, [`link add ${bridge} type bridge`, `link set ${bridge} up`])
}

/** Joins a new NIC of a host to a bridge of the fabric. */
export async function plugWire(wire: { fabric: Place; host: Place; port: string; bridge: string; nic: string }) {
  await ipBatch(wire.fabric, [
    // A process number, so that no name is needed for the host's namespace; it is the machine's number, see ipBatch.
    `link add ${wire.port} type veth peer name ${wire.nic} netns ${wire.host.initPid}`,
    `link set ${wire.port} master ${wire.bridge} up`,
  ])
}

/** Runs lines of "ip" in the network namespace of a place, but with the machine's process numbers in sight. */
async function ipBatch(place: Place, lines: string[]): Promise<void> {
  await must(enterArgv(place, ['ip', '-batch', '-'], { only: 'net' }), { input: `${lines.join('\n')}\n` })
}
