import type { Container, PortBinding } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { parseLink } from './linkOption.ts'
import { entranceLabel, entrancesOf } from './published.ts'

const some = recordsOf(generateHost({ containers: 1 }), 'container')[0] as Container // it was made with one
const labels = (ports: PortBinding[]) => entrancesOf({ ...some, name: 'web', ports }).map(entranceLabel)
const port = (hostIp: string, hostPort: number, containerPort: number, protocol = 'tcp'): PortBinding => ({
  hostIp,
  hostPort,
  containerPort,
  protocol,
})

describe('entrances', () => {
  it('merge both families', () => {
    expect(labels([port('0.0.0.0', 8080, 80), port('::', 8080, 80)])).toEqual(['8080 → web:80/tcp'])
  })

  it('name the address that was asked for', () => {
    expect(labels([port('127.0.0.1', 8080, 80), port('::1', 8080, 80)])).toEqual([
      '127.0.0.1:8080 → web:80/tcp',
      '[::1]:8080 → web:80/tcp',
    ])
  })

  it('merge ranges that run side by side, per protocol', () => {
    const range = [8002, 8000, 8001].map((p) => port('0.0.0.0', p, p - 7920))
    expect(labels([...range, port('0.0.0.0', 8003, 99), port('0.0.0.0', 8001, 81, 'udp')])).toEqual([
      '8000-8002 → web:80-82/tcp',
      '8003 → web:99/tcp',
      '8001 → web:81/udp',
    ])
  })
})

describe('parseLink', () => {
  it('reads what is typed and what Docker tells', () => {
    expect(parseLink('db:database')).toEqual({ name: 'db', alias: 'database' })
    expect(parseLink('db')).toEqual({ name: 'db', alias: 'db' })
    expect(parseLink('/db:/web/database')).toEqual({ name: 'db', alias: 'database' })
  })
})
