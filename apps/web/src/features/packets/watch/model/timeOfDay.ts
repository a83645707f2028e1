/** The time of day where the browser is, with so many digits behind the second: "12:03:04.250". */
export function timeOfDay(at: number, digits = 3): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0').slice(0, digits)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return digits === 0 ? time : `${time}.${millis}`
}

/** The digits behind the second that tell apart times which lie so many milliseconds from each other. */
export const digitsFor = (ms: number): number => Math.max(0, Math.min(3, Math.ceil(3 - Math.log10(ms))))
