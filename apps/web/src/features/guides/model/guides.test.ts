import { guide, withoutNetwork } from '@hopscope/command'
import { recordsOf } from '@hopscope/model'
import { GUIDE_NAMES } from '@hopscope/protocol'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { GUIDE_FIELDS, readValues } from './fields.ts'
import { propose, withInput } from './propose.ts'
import { touched } from './touched.ts'

const host = generateHost({ containers: 46, handMade: 2, sandbox: 'demo' })
const root = host.host.rootNetns

describe.each(GUIDE_NAMES)('%s', (name) => {
  it('proposes inputs that can be read, and only those that are asked for', () => {
    const values = propose(name, host)
    expect(Object.keys(values).sort()).toEqual(GUIDE_FIELDS[name].map(({ path }) => path).sort())
    expect(readValues(name, values)).toHaveProperty('inputs')
  })

  it('names the input that is wrong', () => {
    for (const field of GUIDE_FIELDS[name]) {
      if (field.kind === 'switch') continue
      const read = readValues(name, { ...propose(name, host), [field.path]: '\u202e/ x' })
      expect(Object.keys('wrong' in read ? read.wrong : {}), field.path).toEqual([field.path])
      if (field.kind === 'words') continue
      const empty = readValues(name, { ...propose(name, host), [field.path]: '' })
      expect('wrong' in empty && empty.wrong, field.path).toEqual({ [field.path]: 'required' })
    }
  })
})

describe('an input that changes', () => {
  it('takes along what was proposed for it', () => {
    const values = propose('handmade', host)
    const next = withInput('handmade', host, values, { path: 'bridge', value: 'docker0' })
    expect(next).toMatchObject({ bridge: 'docker0', gateway: '172.17.0.1', passes: '' })
    const back = withInput('handmade', host, next, { path: 'bridge', value: values.bridge ?? '' })
    expect(back).toEqual(values)
  })

  it('leaves alone what somebody typed', () => {
    const typed = { ...propose('handmade', host), address: '10.9.9.2/24', link: 'mine' }
    const next = withInput('handmade', host, typed, { path: 'bridge', value: 'docker0' })
    expect(next).toMatchObject({ address: '10.9.9.2/24', link: 'mine', gateway: '172.17.0.1' })
    const sides = { ...propose('router', host), 'right.address': '10.9.9.1/24' }
    const moved = withInput('router', host, sides, { path: 'left.bridge', value: 'br-other' })
    expect(moved).toMatchObject({
      'right.address': '10.9.9.1/24',
      'left.link': 'r-br-other',
      'right.bridge': 'seg-right',
    })
  })
})

describe('what a step is about', () => {
  it('is the link where it is there, else where it will be', () => {
    const docker0 = recordsOf(host, 'link').find(({ name, netns }) => name === 'docker0' && netns === root)
    expect(touched({ do: 'link.up', netns: 'root', link: 'docker0' }, host)).toEqual({ kind: 'link', id: docker0?.id })
    expect(touched({ do: 'bridge.create', netns: 'root', name: 'br9' }, host)).toEqual({ kind: 'netns', id: root })
    const [alone] = withoutNetwork(host)
    const inside = { do: 'link.up', netns: alone?.name ?? '', link: 'eth0' } as const
    expect(touched(inside, host)).toEqual({ kind: 'container', id: alone?.id })
  })

  it('is known for every step of both guides that are on the host already', () => {
    for (const name of GUIDE_NAMES) {
      const read = readValues(name, propose(name, host))
      const guided = 'inputs' in read ? guide(read.inputs, host) : undefined
      const first = guided && 'steps' in guided ? guided.steps[0] : undefined
      expect(first && touched(first.command, host)).toBeDefined()
    }
  })
})
