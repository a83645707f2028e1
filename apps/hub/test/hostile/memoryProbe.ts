// Loaded before the hub in a process of its own: says over IPC what its memory is once nothing is left to collect.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

process.on('message', (message) => {
  if (message !== 'memory') return
  // What one collection frees may hold what the next one frees.
  for (let i = 0; i < 3; i++) collect()
  process.send?.(process.memoryUsage())
})
// The hub ends when it has nothing left to do, whether somebody may still ask or not.
process.channel?.unref()
