import type { Made } from '@hopscope/model'
import { type Defaults, HARMLESS, isEmpty, optionOf, powerOf } from './madeOptions.ts'
import type { ContainerAnswer, ImageConfig } from './shapes.ts'

type From = { answer: ContainerAnswer; image: ImageConfig | undefined; defaults: Defaults }

/** With what a container was made; without its image's configuration all of it is said. Same as `docker inspect NAME`. */
export function madeOf({ answer, image, defaults }: From): Made {
  const found: Found = { options: [], powers: [], others: [] }
  const settings = { ...settingsOf(answer.Config, image), ...answer.HostConfig }
  for (const [name, value] of Object.entries(settings)) addSetting(found, name, value, defaults)
  addMounts(found, answer)
  // "docker create" makes an input that ends when the first who is attached leaves; on a terminal that means nothing.
  const { OpenStdin, StdinOnce, Tty } = answer.Config
  if (OpenStdin === true && StdinOnce !== true && Tty !== true) found.others.push('OpenStdin')
  for (const port of Object.keys(answer.Config.ExposedPorts)) {
    if (Object.hasOwn(answer.HostConfig.PortBindings, port) || image?.ExposedPorts[port] !== undefined) continue
    found.options.push('--expose', port)
  }
  const { args, entrypoint } = programOf(answer.Config, image)
  const environment = JSON.stringify(answer.Config.Env) !== JSON.stringify(image?.Env ?? [])
  if (environment) found.others.push(...unreadable(answer.Config.Env))
  const labels = Object.entries(image?.Labels ?? {}).filter(([name, text]) => answer.Config.Labels[name] === text)
  return {
    imageId: answer.Image,
    options: [...found.options, ...entrypoint],
    args,
    environment,
    imageLabels: labels.map(([name]) => name).sort(),
    powers: found.powers,
    others: found.others,
  }
}

type Found = Pick<Made, 'options' | 'powers' | 'others'>

/** The container's own settings that are not its image's. */
function settingsOf(own: ContainerAnswer['Config'], image: ImageConfig | undefined): Record<string, unknown> {
  const same = (name: string) => JSON.stringify(own[name]) === JSON.stringify(image?.[name])
  return Object.fromEntries(Object.entries(own).filter(([name]) => !same(name)))
}

function addSetting(found: Found, name: string, value: unknown, defaults: Defaults): void {
  const power = powerOf(name, value)
  if (power !== undefined) found.powers.push(power)
  else if (!isEmpty(value) && !HARMLESS.has(name)) {
    const words = optionOf(name, value, defaults)
    if (words === undefined) found.others.push(name)
    else found.options.push(...words)
  }
}

/** Volumes go on by their names, also those that Docker named. */
function addMounts({ options, powers, others }: Found, { Mounts, HostConfig }: ContainerAnswer): void {
  for (const { Type, Name, Source, Destination, Mode, RW } of Mounts) {
    const words = [Name, Destination, Mode || (RW ? '' : 'ro')].filter((word) => word !== '')
    if (Type === 'bind') powers.push(`--volume ${Source}:${Destination}`)
    else if (Type === 'volume' && words.every((word) => !word.includes(':'))) options.push('--volume', words.join(':'))
    // Those of --tmpfs are told as such.
    else if (Type !== 'tmpfs' || !Object.hasOwn(objectOf(HostConfig.Tmpfs), Destination))
      others.push(`--mount type=${Type}`)
  }
}

const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

/** What is run: as the image has it, or the first word as --entrypoint and all others behind the image. */
function programOf(
  { Entrypoint, Cmd }: ContainerAnswer['Config'],
  image: ImageConfig | undefined,
): { entrypoint: string[]; args: string[] } {
  const same = (a: string[], b: string[] | undefined) => JSON.stringify(a) === JSON.stringify(b ?? [])
  if (image && same(Entrypoint, image.Entrypoint)) {
    if (same(Cmd, image.Cmd)) return { entrypoint: [], args: [] }
    if (Cmd.length > 0) return { entrypoint: [], args: Cmd }
  }
  const [first = '', ...rest] = Entrypoint
  // An empty one takes the image's away.
  const entrypoint = first === '' && image?.Entrypoint.length === 0 ? [] : ['--entrypoint', first]
  return { entrypoint, args: [...rest, ...Cmd] }
}

/** Variables that a line of a file for --env-file cannot hold. */
function unreadable(env: readonly string[]): string[] {
  const lines = /^[^\s=#][^\s=]*=[^\r\n]{0,60000}$/
  return env.filter((one) => !lines.test(one)).map((one) => `--env ${one.split('=')[0]}`)
}
