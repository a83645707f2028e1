import { type Container, type HostSnapshot, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { lineOf, planCommand } from '../index.ts'
import { bindingsOf, isSameBinding, publishForm, publishWords } from './publish.ts'

const host = generateHost({ containers: 12, sandbox: 'demo' })
const made = {
  ...{ imageId: 'sha256:1', options: [], args: ['sleep', 'infinity'] },
  ...{ environment: false, imageLabels: [], powers: [], others: [] },
}
const port = (hostPort: number | string, containerPort: number, hostIp = '') => ({
  ...{ hostPort, containerPort, hostIp, protocol: 'tcp' },
})

/** A host on which the container "web", on docker0, has these facts. */
function withWeb(over: Partial<Container>): HostSnapshot {
  const web = recordsOf(host, 'container').find(({ name }) => name === 'web')
  if (!web) throw new Error('a generated host has a container "web"')
  const changed = { ...web, labels: {}, links: [], requestedPorts: [], made, ...over }
  const images = { id: 'engine', version: '', apiVersion: '', rootDir: '', swarm: 'inactive' } as const
  const engine = { ...images, images: [{ name: web.image, imageId: 'sha256:1' }] }
  return {
    ...host,
    records: { ...host.records, dockerEngine: { engine }, container: { ...host.records.container, [web.id]: changed } },
  }
}

function planned(over: Partial<Container>, publish = '8099:99', what: 'publish' | 'unpublish' = 'publish') {
  const snapshot = withWeb(over)
  const plan = planCommand({ do: `port.${what}`, container: 'web', publish, by: 'recreate' }, snapshot)
  if ('refused' in plan) return plan.refused.code
  return { ...plan.plan, lines: plan.plan.steps.map(({ act }) => lineOf(snapshot, act)) }
}

const linesOf = (...input: Parameters<typeof planned>): string[] => {
  const plan = planned(...input)
  return typeof plan === 'string' ? [plan] : plan.lines
}

describe('making a container anew', () => {
  it('puts the old one aside, and stops it no sooner than the new one is there', () => {
    const [create, ...rest] = linesOf({})
    expect(create).toMatch(/^docker create --pull never --name web-new .*--publish 8099:99 .*sleep infinity$/)
    const swap = ['docker stop web', 'docker rename web web-old', 'docker rename web-new web', 'docker start web']
    expect(rest.filter((line) => !line.startsWith('docker network connect'))).toEqual(swap)
  })
  it('leaves one that does not run alone', () => {
    expect(linesOf({ state: 'exited' }).join()).not.toMatch(/docker (?:stop|start)/)
  })
  it('keeps what was asked for', () => {
    const over: Partial<Container> = {
      labels: { a: 'b', c: 'd' },
      made: { ...made, options: ['--user', 'nobody'], imageLabels: ['c'] },
      requestedPorts: [port(8080, 80), port(9000, 9000), port(9001, 9001), port('', 82, '127.0.0.1')],
      restartPolicy: 'always',
      hostname: 'www',
      dns: ['10.0.0.53'],
    }
    const lines = linesOf(over)
    expect(lines[0]).toMatch(/ --label a=b /)
    expect(lines[0]).not.toMatch(/c=d/)
    const ports = '--publish 8080:80 --publish 9000-9001:9000-9001 --publish 127.0.0.1::82 --publish 8099:99'
    expect(lines[0]).toContain(`--hostname www ${ports} --dns 10.0.0.53 --restart always --user nobody`)
    expect(lines).toContain('docker update --restart no web')
  })
  it('hands variables on in a file that is gone again, and shows none', () => {
    const lines = linesOf({ made: { ...made, environment: true } })
    const [file = ''] = /\/run\/\S+/.exec(lines[0] ?? '') ?? []
    expect(lines[0]).toBe(`install -m 600 /dev/null ${file}`)
    expect(lines[1]).toBe(`docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' web > ${file}`)
    expect(lines[2]).toContain(`--env-file ${file} `)
    expect(lines[3]).toBe(`rm -f ${file}`)
  })
  it('names the image by its id once its name means another one', () => {
    const over = { made: { ...made, imageId: 'sha256:2' } }
    expect(linesOf(over)[0]).toMatch(/ sha256:2 sleep infinity$/)
  })
  it('begins undo only where the old one is still there', () => {
    const plan = planned({})
    if (typeof plan === 'string') throw new Error(plan)
    const undo = plan.steps.at(-1)?.undo.map((act) => lineOf(host, act))
    expect(undo).toEqual(["docker container inspect --format '{{.Name}}' web-old", 'docker stop web'])
  })
  it('says what is lost', () => {
    const labels = { 'com.docker.compose.project': 'shop' }
    const plan = planned({ requestedPorts: [port('', 82)], labels })
    if (typeof plan === 'string') throw new Error(plan)
    const codes = ['lost.running', 'lost.files', 'lost.since', 'lost.chosenPorts', 'lost.compose']
    expect(plan.lost.map(({ code }) => code)).toEqual(expect.arrayContaining(codes))
  })
  it.each<[Parameters<typeof planned>, string]>([
    [[{ requestedPorts: [port(8099, 99)] }], 'NOTHING_TO_DO'],
    [[{}, '8099-9000:99-100'], 'PUBLISH_UNFIT'],
    [[{}, '8099:99', 'unpublish'], 'NOT_PUBLISHED'],
    [[{ requestedPorts: [port(8099, 99)], publishAll: true }, '8099:99', 'unpublish'], 'PUBLISHED_BY_ALL'],
    [[{ made: { ...made, powers: ['--privileged'] } }], 'RECREATE_POWER'],
    [[{ made: { ...made, others: ['AutoRemove'] } }], 'RECREATE_UNKNOWN'],
    [[{ state: 'paused' }], 'RECREATE_UNKNOWN'],
    [[{ labels: { 'com.docker.swarm.service.name': 'x' } }], 'RECREATE_SERVICE'],
    [[{ attachments: [], networkMode: 'host' }], 'PORTS_USELESS'],
  ])('%j is refused with %s', (input, code) => expect(planned(...input)).toBe(code))
})

describe('forms of -p', () => {
  it.each([
    '80',
    '8080:80',
    '127.0.0.1:8080:80',
    '127.0.0.1::80',
    '[::1]:8080:80/udp',
    '9000-9002:9000-9002',
    '127.0.0.1:9000-9002:80-82/udp',
  ])('%s is said as it was asked for', (form) => {
    expect(publishWords(bindingsOf(form))).toEqual(['--publish', form])
  })
  it('can be taken away by what is shown of them', () => {
    for (const one of [...bindingsOf('[::1]:8080:80/udp'), ...bindingsOf('80'), ...bindingsOf('8000-8010:80')])
      expect(bindingsOf(publishForm(one))).toEqual([one])
  })
  it('a range of the host before one port is one to choose from', () => {
    expect(bindingsOf('8000-8010:80')).toEqual([port('8000-8010', 80)])
    expect(publishWords(bindingsOf('8000-8010:80'))).toEqual(['--publish', '8000-8010:80'])
  })
  it('are the same whether "any address" is written or not', () => {
    const [one, other] = [bindingsOf('0.0.0.0:8080:80')[0], bindingsOf('8080:80')[0]]
    expect(one && other && isSameBinding(one, other)).toBe(true)
  })
  it.each(['0:80', '70000:80', '80-70', '8080-8081:80-82'])('%s does not fit', (form) => {
    expect(() => bindingsOf(form)).toThrow('PUBLISH_UNFIT')
  })
})
