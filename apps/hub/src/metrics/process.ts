import { readdirSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'

/** What every process tells of itself, under the names that Prometheus has for it. Read when asked, so that it costs nothing else. */
export function measureProcess(registry: Registry): void {
  const registers = [registry]
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time, user and system.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  gauge('process_resident_memory_bytes', 'Memory that is in RAM.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', 'JavaScript objects in memory.', () => process.memoryUsage().heapUsed)
  gauge('process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length)
  const started = Date.now() / 1000 - process.uptime()
  gauge('process_start_time_seconds', 'When the process started, in seconds since the epoch.', () => started)
}
