import type { HostSnapshot } from '@hopscope/model'
import { LARGEST_FILE, type ReadRecording, type Recording, readRecording, recordingText } from './model/recording.ts'

/** A recording in the list that this browser keeps. */
export type Kept = { key: string; host: string; filter: string; began: number; packets: number }

const DATABASE = 'hopscope'
const STORE = 'packets'
/** Beyond these the oldest goes. */
const MOST_KEPT = 20

/** What a recording is kept under. */
export const keptKey = ({ began, host }: Pick<Recording, 'began' | 'host'>): string => `${began} ${host.id}`

/** Puts a recording into the list, with the rules of the snapshot, under the name that it returns. Rejects when the browser keeps nothing, or has no room. */
export async function keep(recording: Recording, snapshot: HostSnapshot): Promise<string> {
  const { host, filter, began, stories } = recording
  const line: Kept = {
    key: keptKey(recording),
    host: host.name,
    filter,
    began,
    packets: stories.length,
  }
  const text = recordingText(recording, snapshot)
  if (text.length > LARGEST_FILE) throw new Error('TOO_LARGE')
  await inStore('readwrite', (store) => store.put({ ...line, text }, line.key))
  const all = await keptList()
  for (const { key } of all.slice(MOST_KEPT)) await forget(key)
  return line.key
}

/** Newest first. */
export async function keptList(): Promise<Kept[]> {
  const all = await inStore<(Kept & { text: string })[]>('readonly', (store) => store.getAll())
  return all.map(({ text: _, ...line }) => line).sort((a, b) => b.began - a.began)
}

/** Undefined when it is not in the list any more. */
export async function readKept(key: string): Promise<ReadRecording | undefined> {
  const found = await inStore<{ text: string } | undefined>('readonly', (store) => store.get(key))
  return found && readRecording(found.text)
}

export const forget = (key: string): Promise<unknown> => inStore('readwrite', (store) => store.delete(key))

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = act(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}
