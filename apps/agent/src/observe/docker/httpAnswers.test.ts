import { describe, expect, it } from 'vitest'
import { AnswerReader } from './httpAnswers.ts'

/** As Docker 20.10 sends them: a short one, one in chunks, one without a body, a refusal. */
const SENT = [
  'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"Id":"aé"}',
  'HTTP/1.1 200 OK\r\nServer: Docker/20.10.24+dfsg1 (linux)\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\nC;x=y\r\n"0\\r\\n\\r\\n"}\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nOstype: linux\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\ntransfer-encoding:chunked\r\n\r\n1a\r\n{"message":"No such one"}\n\r\n0\r\nExpires: never\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nEtag: "x"\r\n\r\n',
]
const bytes = Buffer.from(SENT.join(''))
const told = (answers: { status: number; body: Buffer }[]) =>
  answers.map(({ status, body }) => [status, body.toString('utf8')])
const whole = told(new AnswerReader().read(bytes))

describe('answers of one connection', () => {
  it('are told apart by their lengths and chunks', () => {
    expect(whole).toEqual([
      [200, '{"Id":"aé"}'],
      [200, '{"a":"0\\r\\n\\r\\n"}'],
      [200, ''],
      [404, '{"message":"No such one"}\n'],
      [304, ''],
    ])
  })

  it('are the same in pieces, wherever they are cut', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const reader = new AnswerReader()
      const first = reader.read(bytes.subarray(0, at))
      expect(told([...first, ...reader.read(bytes.subarray(at))])).toEqual(whole)
    }
    const reader = new AnswerReader()
    expect(told([...bytes].flatMap((byte) => reader.read(Buffer.from([byte]))))).toEqual(whole)
  })

  it('hold back what is not complete', () => {
    for (let at = 0; at < bytes.length; at++)
      expect(new AnswerReader().read(bytes.subarray(0, at)).length).toBeLessThan(whole.length)
  })

  it('may last until the connection ends', () => {
    const reader = new AnswerReader()
    expect(reader.read(Buffer.from('HTTP/1.0 200 OK\r\n\r\n{"a"'))).toEqual([])
    expect(reader.read(Buffer.from(':1}'))).toEqual([])
    expect(told(reader.end())).toEqual([[200, '{"a":1}']])
    expect(reader.end()).toEqual([])
  })

  it.each([
    'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'HTTP/1.1 20\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
  ])('%.60j is none', (text) => {
    expect(() => new AnswerReader().read(Buffer.from(text))).toThrow()
  })
})
