// Preloaded into an agent: SIGUSR2 sets its clock on by a day, SIGWINCH back by one. What the machine's own clock is set to
// concerns everybody on it.
const DAY = 24 * 60 * 60_000
const RealDate = Date
let offset = 0
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offset)
    else super(...args)
  }
  static now() {
    return RealDate.now() + offset
  }
}
process.on('SIGUSR2', () => {
  offset += DAY
  process.stderr.write(`clock: ${offset}\n`)
})
process.on('SIGWINCH', () => {
  offset -= DAY
  process.stderr.write(`clock: ${offset}\n`)
})
