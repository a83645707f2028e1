// Sends each of the flows that it is given, from the namespace it is started in, and prints what came of them.
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const [flows, waitMs] = JSON.parse(process.argv[2])
const results = await Promise.all(flows.map((flow) => within(send(flow))))
process.stdout.write(JSON.stringify(results), () => process.exit(0))

async function within(sending) {
  const timeout = new Promise((resolve) => setTimeout(resolve, waitMs, 'dropped'))
  return Promise.race([sending, timeout])
}

function send(flow) {
  if (flow.protocol === 'icmp') return ping(flow)
  return flow.protocol === 'tcp' ? tcp(flow) : udp(flow)
}

/** The kernel's own word, or an ICMP error's; nobody to ask for the MAC address is told apart. */
function meaning({ code }) {
  if (code === 'ECONNREFUSED' || code === 'ENETUNREACH' || code === 'EACCES' || code === 'ECONNRESET') return 'refused'
  // Without an address of its own it cannot even ask.
  if (code === 'EADDRNOTAVAIL') return 'refused'
  if (code === 'EHOSTUNREACH') return 'unreachable'
  return code === 'EINVAL' ? 'refused' : 'dropped'
}

/** An answer has to come: docker-proxy takes every connection, and closes it when the container refuses its own. */
function tcp({ address, port }) {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    socket.once('data', () => resolve('delivered'))
    socket.once('close', () => resolve('refused'))
    socket.once('error', (error) => resolve(meaning(error)))
  })
}

function udp({ address, port }) {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('message', () => resolve('delivered'))
    socket.on('error', (error) => resolve(meaning(error)))
    socket.connect(port, address, (error) => {
      if (error) resolve(meaning(error))
      // Whoever may not send (EPERM) may be told more by an ICMP error; a rule that only drops says no more.
      else socket.send('?', (failed) => failed && failed.code !== 'EPERM' && resolve(meaning(failed)))
    })
  })
}

function ping({ address, bytes }) {
  const size = bytes === undefined ? [] : ['-M', 'do', '-s', String(bytes - 28)]
  return new Promise((resolve) => {
    const child = spawn('ping', ['-n', '-c1', `-W${Math.max(1, Math.round(waitMs / 1000))}`, ...size, address])
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.stderr.on('data', (text) => (said += text))
    child.once('close', (code) => {
      if (code === 0) resolve('delivered')
      else if (/Destination Host Unreachable|No route to host/.test(said)) resolve('unreachable')
      else if (
        /[Uu]nreachable|[Pp]rohibited|[Ff]iltered|exceeded|Invalid argument|Permission denied|Frag needed|too long|ping broadcast|Cannot assign/.test(
          said,
        )
      )
        resolve('refused')
      else resolve('dropped')
    })
  })
}
