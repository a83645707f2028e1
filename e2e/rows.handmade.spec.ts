import { list, namedPlace } from './kernel.ts'
import { expect, test } from './rowsTest.ts'

test('row 19: a container without network gets one by hand: veth, bridge, move, rename, address, route', async ({
  reader,
  host,
}) => {
  const pid = await host.docker('inspect', '-f', '{{.State.Pid}}', 'quiet')
  const inside = (...argv: string[]) => host.run(['nsenter', '-t', pid, '-n', ...argv])
  const last = async () => (await reader.lines()).map((l) => l.Name?.replace(/@.*/, ''))
  await reader.table('Interfaces', `host:${host.name} namespace:quiet`)
  await expect.poll(last).toEqual(['lo'])
  await host.run(['ip', 'link', 'add', 'hand-a', 'type', 'veth', 'peer', 'name', 'hand-b'])
  try {
    await host.run(['ip', 'link', 'set', 'hand-a', 'master', 'docker0', 'up'])
    await host.run(['ip', 'link', 'set', 'hand-b', 'netns', pid])
    await expect.poll(last).toEqual(['lo', 'hand-b'])
    await inside('ip', 'link', 'set', 'hand-b', 'name', 'eth0')
    await inside('ip', 'address', 'add', '172.17.0.99/16', 'dev', 'eth0')
    await inside('ip', 'link', 'set', 'eth0', 'up')
    await inside('ip', 'route', 'add', 'default', 'via', '172.17.0.1')
    await expect.poll(last).toEqual(['lo', 'eth0'])
    await reader.search('172.17.0.99', /^172.17.0.99.*quiet/)
    await reader.details.getByRole('button', { name: 'eth0' }).first().click()
    await expect(await reader.section('Cable')).toContainText('the other end is hand-a, a port of docker0')
    await expect(await reader.section('Routes')).toContainText('172.17.0.1')
    await inside('ping', '-c', '1', '-W', '1', '172.17.0.1')
  } finally {
    await host.run(['ip', 'link', 'delete', 'hand-a'])
  }
  await reader.table('Interfaces', `host:${host.name} namespace:quiet`)
  await expect.poll(last).toEqual(['lo'])
})

test('row 19: the pair made by hand: blue and green on one wire', async ({ reader, host }) => {
  type Link = { ifindex: number; address: string }
  const [end] = list<Link>(await namedPlace(host, 'blue').run('ip', '-j', 'link', 'show', 'to-green'))
  const [other] = list<Link>(await namedPlace(host, 'green').run('ip', '-j', 'link', 'show', 'to-blue'))
  await reader.search(end?.address ?? '', /^to-green.*blue/)
  await expect(await reader.section('Cable')).toContainText(
    `to-green in blue is one end of a cable; the other end is to-blue in green (if${end?.ifindex} ↔ if${other?.ifindex}).`,
  )
  await expect(await reader.fact('Overview', 'MAC address')).toContainText(end?.address ?? '?')
})

test('row 24: two segments joined by a router', async ({ reader, host }) => {
  await reader.search('router', /^router/)
  await expect(await reader.fact('Kernel switches', 'IP forwarding')).toHaveText('on: a router')
  const routes = await reader.section('Routes')
  for (const subnet of ['10.10.1.0/24', '10.10.2.0/24']) await expect(routes).toContainText(subnet)
  await reader.view('Tree')
  const router = reader.page.getByRole('treeitem', { name: /router/ }).first()
  await expect(router).toBeVisible()
  for (const [name, gateway, end] of [
    ['left', '10.10.1.1', 'eth1'],
    ['right', '10.10.2.1', 'eth2'],
  ] as const) {
    type Route = { dst: string; gateway?: string }
    const [known] = list<Route>(await namedPlace(host, name).run('ip', '-j', 'route', 'show', 'default'))
    expect(known?.gateway).toBe(gateway)
    await reader.table('Routes', `host:${host.name} namespace:${name} destination:default family:ipv4`)
    await expect
      .poll(async () => (await reader.lines())[0])
      .toMatchObject({ Gateway: gateway, 'Gateway is': `${end} · router`, Way: `via gateway ${gateway}` })
  }
})
