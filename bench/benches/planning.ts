import { planCommand } from '@hopscope/command'
import { recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { recordedHost } from '@hopscope/testkit/recorded'
import type { Bench } from '../bench.ts'

const COMMANDS = 1_000

export const planning: Bench = {
  name: 'planning',
  title: 'Planning a change',
  about:
    'From a command and the state of a host with 300 recorded containers to the steps that run it and those that undo it, as the page does while ' +
    `one types and the agent before it runs anything. ${COMMANDS} commands of every kind, each on another object; one sample each.`,
  runs: 1,
  async run(session) {
    const host = recordedHost(300)
    const commands = commandsFor()
    const samples: number[] = []
    let planned = 0
    for (let i = 0; i < COMMANDS; i++) {
      const command = commands[(i * 31) % commands.length]
      if (command === undefined) throw new Error('there are commands')
      const began = performance.now()
      const found = planCommand(command, host)
      samples.push(performance.now() - began)
      if ('plan' in found) planned++
    }
    session.say(`${planned} of ${COMMANDS} can be done, the others are refused`)
    session.figure({
      group: 'Planning one command',
      name: '300 recorded containers',
      unit: 'ms',
      samples,
      limit: { of: 'median', atMost: 1 },
    })

    function commandsFor(): Command[] {
      const links = recordsOf(host, 'link').filter(({ type }) => type !== 'loopback')
      const containers = recordsOf(host, 'container')
      return [
        ...links.flatMap(({ netns, name: link, address }): Command[] => [
          { do: 'link.up', netns, link },
          { do: 'link.down', netns, link },
          { do: 'link.delete', netns, link },
          { do: 'link.mtu', netns, link, mtu: 1400 },
          {
            do: 'link.mac',
            netns,
            link,
            mac: address === '02:00:00:00:00:01' ? '02:00:00:00:00:02' : '02:00:00:00:00:01',
          },
          { do: 'link.move', netns, link, to: 'root' },
          { do: 'address.add', netns, link, address: '10.254.0.1/24' },
        ]),
        ...containers.flatMap(({ name: container }): Command[] => [
          { do: 'container.stop', container },
          { do: 'network.connect', container, network: 'bridge' },
          { do: 'sysctl.set', netns: container, key: 'ip_forward', value: 1 },
        ]),
        ...containers.map(
          ({ name }, i): Command => ({
            do: 'container.create',
            name: `${name}-more`,
            image: 'busybox',
            network: 'bridge',
            publish: [`${20_000 + i}:80`],
          }),
        ),
        { do: 'network.create', name: 'fresh', driver: 'bridge', subnet: '10.254.0.0/24' },
      ]
    }
  },
}
