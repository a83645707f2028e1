const TRIES = 20

/**
 * What a program says and what we say of the same moment: addresses finish their duplicate detection and ages pass while
 * we look, so the program is asked before and after until both answers are equal.
 */
export function sameMoment<T, U>(program: () => T, ours: () => U): { program: T; ours: U } {
  let before = program()
  for (let tries = 0; tries < TRIES; tries++) {
    const mine = ours()
    const after = program()
    if (JSON.stringify(before) === JSON.stringify(after)) return { program: after, ours: mine }
    before = after
  }
  throw new Error(`the table changed during each of ${TRIES} looks`)
}
