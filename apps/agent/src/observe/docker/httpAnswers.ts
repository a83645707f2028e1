/** What a server answered to one request. */
export type Answer = { status: number; body: Buffer }

/** A head has some hundred bytes; what grows beyond this is none. */
const LONGEST_LINES = 64 * 1024
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Takes what arrives on one connection apart into answers of HTTP/1.1, in whatever pieces it comes. By hand, since Node's
 * client sends no request before the answer to the last one is there.
 */
export class AnswerReader {
  /** What came and was not used yet. */
  #rest = NOTHING
  /** Uses some of it; false when more must come first. */
  #step: () => boolean = () => this.#head()
  #status = 0
  #body: Buffer[] = []
  /** Bytes that the body, or the chunk of it, still lacks. */
  #lacks = 0
  #answers: Answer[] = []

  /** The answers that these bytes complete. Throws on what is no answer. */
  read(bytes: Buffer): Answer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#step());
    return this.#answers.splice(0)
  }

  /** The connection ended, and with it the answer that says nothing of its length. */
  end(): Answer[] {
    if (this.#lacks === Number.POSITIVE_INFINITY) this.#complete()
    return this.#answers.splice(0)
  }

  #head(): boolean {
    const head = this.#upTo('\r\n\r\n')
    if (head === undefined) return false
    const [first = '', ...lines] = head.split('\r\n')
    const status = /^HTTP\/1\.[01] ([2-5]\d\d)(?: |$)/.exec(first)?.[1]
    if (status === undefined) throw new Error(`not an answer: ${first.slice(0, 80)}`)
    this.#status = Number(status)
    const field = (name: string) => lines.find((line) => line.toLowerCase().startsWith(`${name}:`))
    if (/[:, ]chunked *$/i.test(field('transfer-encoding') ?? '')) this.#step = () => this.#chunkSize()
    else {
      const length = /: *(\d{1,15}) *$/.exec(field('content-length') ?? '')?.[1]
      const bare = this.#status === 204 || this.#status === 304
      this.#lacks = bare ? 0 : length === undefined ? Number.POSITIVE_INFINITY : Number(length)
      this.#step = () => this.#take() && this.#complete()
    }
    return true
  }

  #chunkSize(): boolean {
    const line = this.#upTo('\r\n')
    if (line === undefined) return false
    const size = /^([0-9a-f]{1,8})(?:[ ;]|$)/i.exec(line)?.[1]
    if (size === undefined) throw new Error(`not the size of a chunk: ${line.slice(0, 80)}`)
    this.#lacks = Number.parseInt(size, 16)
    this.#step = this.#lacks === 0 ? () => this.#trailer() : () => this.#take() && this.#chunkEnd()
    return true
  }

  #chunkEnd(): boolean {
    const line = this.#upTo('\r\n')
    if (line === undefined) return false
    if (line !== '') throw new Error(`a chunk that does not end: ${line.slice(0, 80)}`)
    this.#step = () => this.#chunkSize()
    return true
  }

  /** Fields may follow the last chunk; an empty line ends them. */
  #trailer(): boolean {
    const line = this.#upTo('\r\n')
    return line === '' ? this.#complete() : line !== undefined
  }

  #complete(): true {
    // Copied, so that it does not hold what else came with it.
    this.#answers.push({ status: this.#status, body: Buffer.concat(this.#body) })
    this.#body = []
    this.#lacks = 0
    this.#step = () => this.#head()
    return true
  }

  /** Adds what there is of the body; true when that was the rest of it. */
  #take(): boolean {
    const part = this.#rest.subarray(0, this.#lacks)
    this.#rest = this.#rest.subarray(part.length)
    this.#body.push(part)
    this.#lacks -= part.length
    return this.#lacks === 0
  }

  #upTo(mark: string): string | undefined {
    const at = this.#rest.indexOf(mark)
    if (at < 0 && this.#rest.length > LONGEST_LINES) throw new Error('an answer whose head does not end')
    if (at < 0) return undefined
    const text = this.#rest.toString('latin1', 0, at)
    this.#rest = this.#rest.subarray(at + mark.length)
    return text
  }
}
