import { type Flow, inSubnet } from '@hopscope/model'
import { type Alternative, ICMP, ICMP6, type Literal, TCP, UDP } from './filter.ts'

const NUMBERS: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP, icmp: ICMP, icmpv6: ICMP6 }

/** Whether a packet is one that a filter means; as the kernel's rules find it. */
export const matches = (alternatives: readonly Alternative[], flow: Flow): boolean =>
  alternatives.some((alternative) => alternative.every((literal) => holds(literal, flow)))

function holds({ test, not }: Literal, flow: Flow): boolean {
  switch (test.kind) {
    case 'family':
      return (test.family === (flow.protocol === 'arp' ? 'arp' : flow.family)) !== not
    case 'protocol':
      return (test.protocol === (NUMBERS[flow.protocol] ?? Number(flow.protocol))) !== not
    case 'address':
      return inSubnet(flow[test.side], test.address, test.prefixLength) !== not
    case 'port': {
      const port = test.side === 'src' ? flow.sport : flow.dport
      return (port !== undefined && port >= test.from && port <= test.to) !== not
    }
    case 'icmpType':
      return (flow.icmpType === test.type) !== not
  }
}
