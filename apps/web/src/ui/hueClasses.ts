import type { Hue } from '../theme/colours.ts'

/** Class names of each hue. Written out, because Tailwind only makes classes that it reads in a source file. */
export const hueClasses: Record<Hue, { text: string; fill: string; ink: string; dot: string }> = {
  nic: { text: 'text-nic', fill: 'bg-nic-fill', ink: 'text-nic-ink', dot: 'bg-nic' },
  bridge: { text: 'text-bridge', fill: 'bg-bridge-fill', ink: 'text-bridge-ink', dot: 'bg-bridge' },
  veth: { text: 'text-veth', fill: 'bg-veth-fill', ink: 'text-veth-ink', dot: 'bg-veth' },
  macvlan: { text: 'text-macvlan', fill: 'bg-macvlan-fill', ink: 'text-macvlan-ink', dot: 'bg-macvlan' },
  tunnel: { text: 'text-tunnel', fill: 'bg-tunnel-fill', ink: 'text-tunnel-ink', dot: 'bg-tunnel' },
  segment: { text: 'text-segment', fill: 'bg-segment-fill', ink: 'text-segment-ink', dot: 'bg-segment' },
  stack: { text: 'text-stack', fill: 'bg-stack-fill', ink: 'text-stack-ink', dot: 'bg-stack' },
  box: { text: 'text-box', fill: 'bg-box-fill', ink: 'text-box-ink', dot: 'bg-box' },
  entrance: { text: 'text-entrance', fill: 'bg-entrance-fill', ink: 'text-entrance-ink', dot: 'bg-entrance' },
  danger: { text: 'text-danger', fill: 'bg-danger-fill', ink: 'text-danger-ink', dot: 'bg-danger' },
  ok: { text: 'text-ok', fill: 'bg-ok-fill', ink: 'text-ok-ink', dot: 'bg-ok' },
  warn: { text: 'text-warn', fill: 'bg-warn-fill', ink: 'text-warn-ink', dot: 'bg-warn' },
}
