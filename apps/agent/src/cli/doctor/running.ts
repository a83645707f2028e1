import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { figureSchema, figuresOf } from './figures.ts'

export const runningSchema = z.strictObject({
  state: z.enum(['running', 'not running', 'unreadable']),
  /** Where the hub is, or why its figures cannot be read. */
  detail: z.string(),
  remedy: z.string().optional(),
  figures: z.array(figureSchema),
})
export type Running = z.infer<typeof runningSchema>

export type RunningEnvironment = { HOPSCOPE_DATA?: string | undefined; XDG_DATA_HOME?: string | undefined }

const announcement = z.looseObject({ url: z.url({ protocol: /^https?$/ }) })
const PATIENCE = 5_000

/**
 * The figures of the hub that runs on this machine, and of its agents; it is found by its data folder. Same as
 * `curl -H "Authorization: Bearer $(cat metrics.token)" URL/metrics`.
 */
export async function readRunning(env: RunningEnvironment): Promise<Running> {
  const folder = dataFolders(env).find((each) => existsSync(join(each, 'hub.json')))
  if (folder === undefined) {
    const detail = `No hub.json in ${dataFolders(env).join(' or ')}.`
    const remedy = 'Start it: npm start. If its data folder is elsewhere, set HOPSCOPE_DATA to it.'
    return { state: 'not running', detail, remedy, figures: [] }
  }
  try {
    const { url } = announcement.parse(JSON.parse(readFileSync(join(folder, 'hub.json'), 'utf8')))
    const token = readFileSync(join(folder, 'metrics.token'), 'utf8').trim()
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(PATIENCE) })
    if (!answer.ok)
      return unreadable(`${url}/metrics answers ${answer.status}`, 'Restart the hub, which reads metrics.token.')
    return { state: 'running', detail: url, figures: figuresOf(await answer.text()) }
  } catch (error) {
    return unreadable(`${folder}: ${whyOf(error)}`, remedyOf(error))
  }
}

/** As told, or where `npm start` and a hub without settings keep their data. */
function dataFolders({ HOPSCOPE_DATA, XDG_DATA_HOME }: RunningEnvironment): string[] {
  if (HOPSCOPE_DATA) return [HOPSCOPE_DATA]
  const bundle = fileURLToPath(import.meta.url)
  const root = bundle.slice(0, bundle.lastIndexOf('/apps/agent/'))
  return [join(root, 'var'), join(XDG_DATA_HOME || join(homedir(), '.local/share'), 'hopscope')]
}

const unreadable = (detail: string, remedy: string): Running => ({ state: 'unreadable', detail, remedy, figures: [] })

/** `fetch` says "fetch failed", and why in its cause. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

function remedyOf(error: unknown): string {
  const why = whyOf(error)
  if (/EACCES|EPERM/.test(why)) return 'Run it as the user that runs the hub, or as root.'
  if (/certificate|self.signed/i.test(why)) return 'Set NODE_EXTRA_CA_CERTS to the certificate of the hub.'
  if (/ECONNREFUSED/.test(why)) return 'The hub was killed: start it again.'
  return 'See whether the hub runs, and its log.'
}
