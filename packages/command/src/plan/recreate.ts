import { type Container, type HostSnapshot, type Made, recordsOf } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { type Phrase, type Plan, type Program, Refused, type Step } from '../plan.ts'
import { imageNamed, isRunning, requireFreePorts } from './containers.ts'
import { phrase, requireChange } from './context.ts'
import { confirmOf, docker, expectContainer, findContainer } from './docker.ts'
import { type Binding, bindingsOf, isSameBinding, publishWords } from './publish.ts'
import {
  createWords,
  endpointWords,
  firstAttachment,
  recreateLost,
  requireMade,
  requirePublishing,
} from './recreateWords.ts'

export type PortCommand = CommandOf<'port.publish' | 'port.unpublish'>

/**
 * Makes a container anew with other published ports. The new one is made beside the old one, which is then stopped and put
 * aside under another name: undo takes it back with all that is in it.
 */
export function planRecreate(command: PortCommand, snapshot: HostSnapshot): Plan {
  const container = findContainer(snapshot, command.container)
  const made = requireMade(container)
  requirePublishing(snapshot, container)
  const bindings = portsAfter(command, container, snapshot)
  const [name, old] = [freeName(snapshot, container, 'new'), freeName(snapshot, container, 'old')]
  // Values of variables may be secrets: they go from Docker to Docker through a file that only its owner can read.
  const file = made.environment ? `/run/hopscope-${container.containerId.slice(0, 12)}.env` : undefined
  const words = createWords({
    container,
    made,
    image: imageOf(snapshot, container.image, made),
    publish: publishWords(bindings),
    file,
    name,
  })
  const create: Step = {
    ...stepOf(phrase('recreate.create', { container: name, image: container.image }), docker(snapshot, ...words)),
    undo: [docker(snapshot, 'rm', '--force', name)],
    expects: [expectContainer(container)],
  }
  return {
    command,
    title: phrase(command.do, { container: container.name, publish: command.publish }),
    steps: [
      ...(file === undefined ? [create] : withVariables(snapshot, { create, file, container })),
      ...connectSteps(snapshot, container, name),
      ...swapSteps(snapshot, container, { fresh: name, old }),
    ],
    lost: recreateLost(snapshot, container, old),
    ...confirmOf(snapshot, container),
  }
}

/** Creates with the old one's variables, in a file that is there no longer than that. */
function withVariables(
  snapshot: HostSnapshot,
  { create, file, container }: { create: Step; file: string; container: Container },
): Step[] {
  const here = (...argv: string[]): Program => ({ place: snapshot.host.rootNetns, argv })
  const remove = here('rm', '-f', file)
  const read = docker(snapshot, 'inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', container.name)
  return [
    {
      ...stepOf(phrase('recreate.file', { file }), here('install', '-m', '600', '/dev/null', file)),
      undo: [remove],
      expects: create.expects,
    },
    stepOf(phrase('recreate.variables', { container: container.name, file }), { ...read, into: file }),
    create,
    stepOf(phrase('recreate.fileGone', { file }), remove),
  ]
}

function connectSteps(snapshot: HostSnapshot, container: Container, name: string): Step[] {
  const first = firstAttachment(container)
  return container.attachments
    .filter((at) => at !== first)
    .map((at) => {
      const words = [...endpointWords(container, at, '--alias'), at.network, name]
      const title = phrase('network.connect', { container: name, network: at.network })
      // It goes with the container.
      return stepOf(title, docker(snapshot, 'network', 'connect', ...words))
    })
}

/** The old one out of the way, the new one in its place. */
function swapSteps(
  snapshot: HostSnapshot,
  container: Container,
  { fresh, old }: { fresh: string; old: string },
): Step[] {
  const { name, restartPolicy } = container
  const act = (...words: string[]) => docker(snapshot, ...words)
  const swap: Step[] = [
    {
      ...stepOf(phrase('recreate.aside', { container: name, old }), act('rename', name, old)),
      undo: [act('rename', old, name)],
    },
    {
      ...stepOf(phrase('recreate.name', { container: fresh, name }), act('rename', fresh, name)),
      undo: [act('rename', name, fresh)],
    },
  ]
  // Docker would start it again, with the ports that the new one has by then.
  const rest: Step = {
    ...stepOf(phrase('recreate.rest', { container: name }), act('update', '--restart', 'no', name)),
    undo: [act('update', '--restart', restartPolicy, name)],
  }
  const stop: Step = {
    ...stepOf(phrase('container.stop', { container: name }), act('stop', name)),
    // It may still be ending: to stop it once more waits for that; to start it at once would find it running.
    undo: [act('stop', name), act('start', name)],
  }
  const start: Step = {
    ...stepOf(phrase('container.start', { container: name }), act('start', name)),
    undo: [act('stop', name)],
  }
  const steps = [...(restartPolicy === 'no' ? [] : [rest]), ...(isRunning(container) ? [stop, ...swap, start] : swap)]
  // Undo ends the new one for the sake of the old one: where somebody has removed that, undo must not begin.
  const isThere = act('container', 'inspect', '--format', '{{.Name}}', old)
  return steps.map((step, i) => (i === steps.length - 1 ? { ...step, undo: [isThere, ...step.undo] } : step))
}

const stepOf = (title: Phrase, act: Program): Step => ({ title, act, undo: [], expects: [] })

/** The ports that the new container publishes. */
export function portsAfter(
  { do: what, publish }: PortCommand,
  container: Container,
  snapshot: HostSnapshot,
): Binding[] {
  const asked = bindingsOf(publish)
  const { requestedPorts: had, name, publishAll } = container
  const among = (list: readonly Binding[], one: Binding) => list.some((other) => isSameBinding(one, other))
  if (what === 'port.publish') {
    const added = asked.filter((one) => !among(had, one))
    requireChange(added.length > 0)
    requireFreePorts(snapshot, [publish])
    return [...had, ...added]
  }
  const missing = asked.some((one) => !among(had, one))
  if (missing) throw new Refused('NOT_PUBLISHED', { container: name, publish }, 'publish')
  if (publishAll) throw new Refused('PUBLISHED_BY_ALL', { container: name }, 'publish')
  return had.filter((one) => !among(asked, one))
}

/** The image by its name while that still means it, else by its id. */
function imageOf(snapshot: HostSnapshot, image: string, { imageId }: Made): string {
  const images = recordsOf(snapshot, 'dockerEngine')[0]?.images ?? []
  return imageNamed(images, image)?.imageId === imageId ? image : imageId
}

/** NAME-old, or the first of NAME-old-2, NAME-old-3 … that no container has. */
export function freeName(snapshot: HostSnapshot, { name }: Container, suffix: string): string {
  const taken = new Set(recordsOf(snapshot, 'container').map((one) => one.name))
  const wanted = `${name}-${suffix}`
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? wanted : `${wanted}-${i}`
    if (!taken.has(candidate)) return candidate
  }
}
