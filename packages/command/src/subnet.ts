import { inSubnet } from '@hopscope/model'

/** Whether an address lies in a prefix. */
export function within(address: string, subnet: string): boolean {
  const [network = '', length = ''] = subnet.split('/')
  return inSubnet(address, network, Number(length))
}

/** Whether two prefixes have an address in common. */
export function overlap(a: string, b: string): boolean {
  const [[first = '', long = ''], [second = '', short = '']] = [a.split('/'), b.split('/')]
  return inSubnet(first, second, Math.min(Number(long), Number(short)))
}
