export type EnterOptions = {
  /** Keep this folder (a path outside) as working directory; without it the program starts in "/". */
  cwd?: string
  /** Enter the network namespace only, with the machine's files and processes still in sight. */
  only?: 'net'
  /** End the program as soon as the nsenter that started it ends. */
  dieWithParent?: boolean
}

/**
 * The argument array that runs a program inside a namespace set, with absolute numbers of processes and no shell.
 * Same as "nsenter -t PID -n -m -u -p -- PROGRAM". nsenter, not "ip netns exec": that remounts /sys and hides the cgroups.
 */
export function enterArgv(
  init: { initPid: number; rootless: boolean },
  argv: readonly string[],
  options: EnterOptions = {},
): string[] {
  const user = init.rootless ? ['--user', '--preserve-credentials'] : []
  const kinds = options.only === 'net' ? ['--net'] : ['--net', '--mount', '--uts', '--pid']
  const folder = options.cwd === undefined ? [] : [`--wd=${options.cwd}`]
  // nsenter forks to enter a pid namespace, and a signal to nsenter would leave its child running.
  const leash = options.dieWithParent ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []
  return ['nsenter', '--target', String(init.initPid), ...user, ...kinds, ...folder, '--', ...leash, ...argv]
}
