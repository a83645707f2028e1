import { visible } from '@hopscope/model'

/** A value as one line of JSON, with everything escaped that a terminal would obey or not show. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  if (visible(text) === text) return text
  return [...text].map((c) => (visible(c) === c ? c : escaped(c))).join('')
}

const escaped = (c: string): string =>
  Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
