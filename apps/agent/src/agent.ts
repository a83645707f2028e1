import type { Logger } from 'pino'
import { reapLoggers } from './capture/loggers.ts'
import type { AgentConfig } from './config.ts'
import { openChanging } from './execute/changing.ts'
import { feedOf, type Send } from './feed.ts'
import { type HubLink, openHubLink } from './hubLink.ts'
import { openMetrics } from './metrics/open.ts'
import { nextTurn } from './nextTurn.ts'
import { type RunningObserver, startObserver } from './observer.ts'
import { watchSandboxes } from './sandboxes.ts'
import { systemScheduler } from './scheduler.ts'
import { createVantages } from './vantages.ts'

export type Agent = {
  readonly observer: RunningObserver
  readonly link: HubLink
  close(): Promise<void>
}

/** Observes this machine and all its sandbox hosts, and reports to the hub, until it is closed. */
export async function startAgent(config: AgentConfig, log: Logger): Promise<Agent> {
  const link = openHubLink({ ...config, log })
  const vantages = createVantages(link, systemScheduler, log)
  let observer: RunningObserver | undefined
  const sandboxes = watchSandboxes(systemScheduler, (hosts, foreignChanged) => {
    vantages.set(hosts)
    if (foreignChanged) observer?.rescan()
  })
  // Each step is some milliseconds of work that has never run before, and has a turn of its own.
  await nextTurn()
  // Before the first look at the machine, so that nothing of a sandbox appears on its map.
  await sandboxes.look()
  await nextTurn()
  observer = await startObserver({
    vantage: { kind: 'host' },
    dockerSocket: config.dockerSocket,
    foreign: sandboxes.foreign,
  })
  await nextTurn()
  const send: Send = (message, sent) => {
    link.send(message)
    if (sent) setImmediate(sent)
  }
  const { changesFolder: folder, policyFile } = config
  // What a tracing has left that was ended by force.
  reapLoggers(observer.snapshot())
  const changing = await openChanging(observer, { folder, log, policyFile, hubWay: link.way })
  const feed = feedOf(observer, send, { changing, findHub: config.findHub })
  // What was undone, at the start or later, may have brought the hub back.
  if (!link.connected()) link.redial()
  changing.onProgress(({ state, reason }) => {
    if (state === 'undone' && reason?.code === 'UNDONE_UNKEPT') link.redialIfSilent()
  })
  link.add(feed)
  const { host } = observer
  log.info({ host: host.name, id: host.id, privileged: host.privileged, ...observer.stats() }, 'observing this host')
  const metrics = await openMetrics(config, link.metrics, log)
  return {
    observer,
    link,
    async close() {
      link.ending()
      await metrics?.close()
      sandboxes.close()
      await vantages.close()
      await feed.close()
      link.close()
    },
  }
}
