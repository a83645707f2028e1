import { visible } from '@hopscope/model'

type Args = Readonly<Record<string, string | number>>

/** What goes into a sentence, with nothing hidden in it. */
export const shownArgs = (args: Args): Record<string, string | number> =>
  Object.fromEntries(Object.entries(args).map(([k, v]) => [k, typeof v === 'string' ? visible(v) : v]))
