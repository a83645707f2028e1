import { createInterface } from 'node:readline'
import { openTraceEvents, readWaitingEvents } from '@hopscope/netlink'
import { createPacketizer, type TraceEvent } from '@hopscope/trace'

// Runs inside a host: listens to traced packets and puts their messages together, as the agent does, from "begin" to "end". Then it
// tells its counts, and the CPU time that it took in microseconds.
const names = new Map<number, string>()
type Listening = { end(): object }

function listen(): Listening {
  const told = { messages: 0, packets: 0, losses: 0 }
  const packetizer = createPacketizer({ onPacket: () => told.packets++ })
  const events = openTraceEvents({
    onTrace(nsid, trace) {
      told.messages++
      const event = trace as TraceEvent // As the agent does: what it lacks follows.
      event.netns = netnsOf(nsid)
      event.at = performance.now()
      packetizer.push(event)
      if (told.messages % 1_000 === 0) packetizer.flush(packetizer.last - 1_000)
    },
    onLoss: () => told.losses++,
  })
  const used = process.cpuUsage()
  return {
    end() {
      for (let before = -1; before !== told.messages; ) {
        before = told.messages
        readWaitingEvents()
      }
      packetizer.flush(packetizer.last)
      const { user, system } = process.cpuUsage(used)
      events.close()
      return { ...told, micros: user + system }
    },
  }
}

/** The agent knows its namespaces by these ids. */
function netnsOf(nsid: number): string {
  const known = names.get(nsid) ?? `ns:${nsid}`
  names.set(nsid, known)
  return known
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
say('ready')
let listening: Listening | undefined
for await (const request of createInterface({ input: process.stdin })) {
  if (request === 'begin') {
    listening = listen()
    say('listening')
  } else say(listening?.end())
}
process.exit(0)
