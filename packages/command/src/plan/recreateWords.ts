import { type Attachment, type Container, type HostSnapshot, type Made, recordsOf } from '@hopscope/model'
import { ownPortsIn, publishText } from '@hopscope/topology'
import { type Phrase, Refused } from '../plan.ts'
import { isRunning } from './containers.ts'
import { phrase } from './context.ts'

type Creating = {
  container: Container
  made: Made
  image: string
  publish: readonly string[]
  /** Of variables, for "--env-file". */
  file: string | undefined
  name: string
}

/** The words of "docker" that create a container like this one, on its first network, with a file of variables if it has some. */
export function createWords({ container, made, image, publish, file, name }: Creating): string[] {
  const { hostname, containerId, domainname, labels, restartPolicy } = container
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value])
  const first = firstAttachment(container)
  // Without one of its own a container is called by its id.
  const ownHostname = hostname !== '' && !containerId.startsWith(hostname)
  const ownLabels = Object.entries(labels).filter(([label]) => !made.imageLabels.includes(label))
  return [
    ...['create', '--pull', 'never', '--name', name],
    ...ownLabels.flatMap(([label, text]) => ['--label', `${label}=${text}`]),
    ...(first === undefined || first.network === 'bridge' ? [] : ['--network', first.network]),
    ...(first === undefined ? [] : endpointWords(container, first, '--network-alias')),
    ...(ownHostname ? ['--hostname', hostname] : []),
    ...(domainname === undefined ? [] : ['--domainname', domainname]),
    ...publish,
    ...(container.publishAll ? ['--publish-all'] : []),
    ...each('--link', container.links),
    ...each('--dns', container.dns),
    ...each('--dns-search', container.dnsSearch),
    ...each('--dns-option', container.dnsOptions),
    ...each('--add-host', container.extraHosts),
    ...(restartPolicy === 'no' ? [] : ['--restart', restartPolicy]),
    ...made.options,
    ...(file === undefined ? [] : ['--env-file', file]),
    ...[image, ...made.args],
  ]
}

/** The network that a container has from its start; undefined when it has none. */
export const firstAttachment = ({ attachments, networkMode }: Container): Attachment | undefined =>
  attachments.find(({ network }) => network === networkMode) ?? attachments[0]

/** What was asked for at a network: addresses that Docker chose are not asked for again. */
export function endpointWords(container: Container, at: Attachment, alias: '--alias' | '--network-alias'): string[] {
  const { containerId, name, hostname } = container
  // Docker adds names of its own: the short id, and since version 25 the names of the container.
  const own = at.aliases.filter((one) => !containerId.startsWith(one) && one !== name && one !== hostname)
  return [
    ...(at.fixedIp === undefined ? [] : ['--ip', at.fixedIp]),
    ...(at.fixedIp6 === undefined ? [] : ['--ip6', at.fixedIp6]),
    ...own.flatMap((one) => [alias, one]),
    ...at.links.flatMap((link) => ['--link', link]),
  ]
}

/** What the new container does not have from the old one, and what goes with the old one. */
export function recreateLost(snapshot: HostSnapshot, container: Container, old: string): Phrase[] {
  const { name, labels, requestedPorts, publishAll } = container
  const project = labels['com.docker.compose.project']
  const linked = recordsOf(snapshot, 'container').filter(({ links }) =>
    links.some((link) => link.startsWith(`${name}:`)),
  )
  return [
    ...(isRunning(container) ? [phrase('lost.running', { container: name })] : []),
    phrase('lost.files', { container: name, old }),
    phrase('lost.since', { container: name, old }),
    ...(publishAll || requestedPorts.some(({ hostPort }) => typeof hostPort === 'string')
      ? [phrase('lost.chosenPorts', { container: name })]
      : []),
    // They lead to the old one, by its id.
    ...ownPortsIn(snapshot).flatMap(({ port }) =>
      port.container === name ? [phrase('lost.ownPort', { container: name, publish: publishText(port) })] : [],
    ),
    ...linked.map((other) => phrase('lost.linked', { other: other.name, container: name })),
    ...(project === undefined ? [] : [phrase('lost.compose', { container: name, project })]),
  ]
}

/** What a container was made with, if all of it can be said again. Throws Refused. */
export function requireMade({ name, made, labels, state }: Container): Made {
  const service = labels['com.docker.swarm.service.name']
  if (service !== undefined) throw new Refused('RECREATE_SERVICE', { container: name, service }, 'by')
  if (made === undefined) throw new Refused('RECREATE_UNREAD', { container: name }, 'by')
  const { powers, others } = made
  if (powers.length > 0) throw new Refused('RECREATE_POWER', { container: name, settings: powers.join(', ') }, 'by')
  const unsaid = [...others, ...(['running', 'created', 'exited'].includes(state) ? [] : [state])]
  if (unsaid.length > 0) throw new Refused('RECREATE_UNKNOWN', { container: name, settings: unsaid.join(', ') }, 'by')
  return made
}

/** Its network must be its own, and one where ports can be published. Throws Refused. */
export function requirePublishing(snapshot: HostSnapshot, container: Container): void {
  const { name, networkMode, containerId, attachments } = container
  const sharer = recordsOf(snapshot, 'container').find((one) => one.networkMode === `container:${containerId}`)
  if (sharer) throw new Refused('RECREATE_SHARED', { container: name, other: sharer.name }, 'by')
  const networks = recordsOf(snapshot, 'dockerNetwork')
  const publishes = attachments.some(({ network: at }) => {
    const network = networks.find((one) => one.name === at)
    return network && !network.internal && ['bridge', 'overlay'].includes(network.driver)
  })
  if (!publishes) throw new Refused('PORTS_USELESS', { mode: networkMode }, 'container')
}
