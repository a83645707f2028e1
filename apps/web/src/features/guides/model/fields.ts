import { type GuideInputs, type GuideName, guideSchema } from '@hopscope/protocol'
import type { Messages } from '../../../i18n/messages.ts'

/** What stands in a guide's inputs, by their paths; a switch that is on holds `on`. */
export type Values = Readonly<Record<string, string>>
export type GuideField = {
  /** Where it stands in the guide's inputs; a dot leads into a side. */
  path: string
  label: keyof Messages['guides']['field']
  /** `fine`: what is proposed suits nearly always. */
  part: 'main' | 'left' | 'right' | 'fine'
} & (
  | { kind: 'text' | 'words'; format: keyof Messages['changes']['wrong'] }
  | { kind: 'container' }
  | { kind: 'bridge' }
  | { kind: 'switch' }
)

const sideFields = (side: 'left' | 'right'): GuideField[] => [
  { path: `${side}.bridge`, label: 'bridge', part: side, kind: 'bridge' },
  { path: `${side}.address`, label: 'routerAddress', part: side, kind: 'text', format: 'cidr' },
  { path: `${side}.hosts`, label: 'hosts', part: side, kind: 'words', format: 'netnsNames' },
  { path: `${side}.link`, label: 'link', part: 'fine', kind: 'text', format: 'linkName' },
  { path: `${side}.name`, label: 'nameInRouter', part: 'fine', kind: 'text', format: 'linkName' },
]

/** The inputs of every guide, in the order in which they are asked for. */
export const GUIDE_FIELDS: Readonly<Record<GuideName, readonly GuideField[]>> = {
  handmade: [
    { path: 'container', label: 'container', part: 'main', kind: 'container' },
    { path: 'bridge', label: 'bridge', part: 'main', kind: 'bridge' },
    { path: 'address', label: 'address', part: 'main', kind: 'text', format: 'cidr' },
    { path: 'gateway', label: 'gateway', part: 'main', kind: 'text', format: 'ip' },
    { path: 'gatewayHere', label: 'gatewayHere', part: 'main', kind: 'switch' },
    { path: 'outside', label: 'outside', part: 'main', kind: 'switch' },
    { path: 'link', label: 'link', part: 'fine', kind: 'text', format: 'linkName' },
    { path: 'peer', label: 'peer', part: 'fine', kind: 'text', format: 'linkName' },
    { path: 'name', label: 'nameInContainer', part: 'fine', kind: 'text', format: 'linkName' },
    { path: 'passes', label: 'passes', part: 'fine', kind: 'switch' },
  ],
  router: [
    { path: 'router', label: 'router', part: 'main', kind: 'text', format: 'netnsName' },
    ...sideFields('left'),
    ...sideFields('right'),
    { path: 'passes', label: 'passes', part: 'fine', kind: 'switch' },
  ],
}

/** The inputs as texts of a form. */
export function valuesOf(inputs: GuideInputs): Values {
  return Object.fromEntries(
    GUIDE_FIELDS[inputs.guide].map(({ path }) => {
      const value = path.split('.').reduce<unknown>((at, key) => Object(at)[key], inputs)
      if (typeof value === 'boolean') return [path, value ? 'on' : '']
      return [path, Array.isArray(value) ? value.join(' ') : String(value ?? '')]
    }),
  )
}

export type Wrong = 'required' | keyof Messages['changes']['wrong']
/** What a form's texts come to; else what is wrong, by path. */
export type Read = { inputs: GuideInputs } | { wrong: Readonly<Record<string, Wrong>> }

export function readValues(name: GuideName, values: Values): Read {
  const fields = GUIDE_FIELDS[name]
  const parsed = guideSchema.safeParse(unchecked(name, values))
  if (parsed.success) return { inputs: parsed.data }
  const wrong: Record<string, Wrong> = {}
  for (const field of fields) {
    if (!parsed.error.issues.some(({ path }) => `${path.join('.')}.`.startsWith(`${field.path}.`))) continue
    const empty = (values[field.path] ?? '').trim() === ''
    wrong[field.path] = empty ? 'required' : 'format' in field ? field.format : 'linkName'
  }
  return { wrong }
}

function unchecked(name: GuideName, values: Values): Record<string, unknown> {
  const inputs: Record<string, unknown> = { guide: name }
  for (const field of GUIDE_FIELDS[name]) {
    const text = (values[field.path] ?? '').trim()
    const [first = '', second] = field.path.split('.')
    const value =
      field.kind === 'switch' ? text === 'on' : field.kind === 'words' ? text.split(/\s+/).filter(Boolean) : text
    if (second === undefined) inputs[first] = value
    else inputs[first] = { ...Object(inputs[first]), [second]: value }
  }
  return inputs
}
