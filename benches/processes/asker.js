'use strict'

// Asks several addresses in turn for templates, one request at a time, over a connection each and over a kept one, and tells how long each took:
// over a bare socket, which adds the least, or as a pool's code does.

const http = require('node:http')
const net = require('node:net')

const BODY = JSON.stringify({ id: '0', jsonrpc: '2.0', method: 'getblocktemplate', params: { reserve_size: 8, wallet_address: 'T'.repeat(99) } })

async function main ({ addresses, manner, asPool, requests, rounds, atOnce }) {
  const names = Object.keys(addresses)
  if (atOnce) return console.log(JSON.stringify(await failures(addresses[names[0]], atOnce)))
  const ask = asPool ? pooled(manner) : manner === 'kept' ? kept : each
  const latencies = Object.fromEntries(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 ? [...names].reverse() : names) {
      const taken = await ask(addresses[name], requests)
      // The first round warms up.
      if (round > 0) latencies[name].push(taken)
    }
  }
  console.log(JSON.stringify(latencies))
}

/** Microseconds of each request, a connection for each of them. */
async function each (address, requests) {
  const taken = []
  for (let request = 0; request < requests; request++) {
    const start = process.hrtime.bigint()
    const socket = await connect(address)
    await exchange(socket, address, 'close')
    taken.push(Number(process.hrtime.bigint() - start) / 1000)
    socket.destroy()
  }
  return taken
}

/** The same over one connection. */
async function kept (address, requests) {
  const taken = []
  const socket = await connect(address)
  for (let request = 0; request < requests; request++) {
    const start = process.hrtime.bigint()
    await exchange(socket, address, 'keep-alive')
    taken.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  socket.destroy()
  return taken
}

/** The same as a pool's code asks: Node.js' own client, whose answers are made a text and read. */
function pooled (manner) {
  const agent = new http.Agent({ keepAlive: manner === 'kept', maxSockets: 1 })
  return async (address, requests) => {
    const taken = []
    for (let request = 0; request < requests; request++) {
      const start = process.hrtime.bigint()
      await call(agent, address)
      taken.push(Number(process.hrtime.bigint() - start) / 1000)
    }
    agent.destroy()
    return taken
  }
}

function call (agent, { host, port }) {
  const headers = { 'Content-Length': BODY.length, 'Content-Type': 'application/json', Accept: 'application/json' }
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, hostname: host, port, path: '/json_rpc', method: 'POST', headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', piece => { text += piece }).on('end', () => {
        const { result } = JSON.parse(text)
        result && result.blocktemplate_blob ? resolve() : reject(new Error(text.slice(0, 100)))
      })
    })
    request.on('error', reject).end(BODY)
  })
}

/** How many of so many requests at once get no whole answer. */
async function failures (address, count) {
  const asked = Array.from({ length: count }, async () => {
    const socket = await connect(address)
    await exchange(socket, address, 'close')
    socket.destroy()
  })
  const outcomes = await Promise.allSettled(asked)
  return outcomes.filter(({ status }) => status === 'rejected').length
}

function connect ({ host, port }) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, host, () => resolve(socket))
    socket.setNoDelay(true)
    socket.on('error', reject)
  })
}

/** Resolves when the whole answer has come. */
function exchange (socket, { host, port }, connection) {
  return new Promise((resolve, reject) => {
    let received = ''
    const take = piece => {
      received += piece.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const [, length] = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, end)) || []
      if (length === undefined || received.length < end + 4 + Number(length)) return
      leave()
      received.startsWith('HTTP/1.1 200') && received.includes('blocktemplate_blob') ? resolve() : reject(new Error(received.slice(0, 100)))
    }
    const lose = error => { leave(); reject(error || new Error('closed')) }
    const leave = () => socket.off('data', take).off('error', lose).off('close', lose)
    socket.on('data', take).on('error', lose).on('close', lose)
    socket.write(`POST /json_rpc HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: ${connection}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`)
  })
}

main(JSON.parse(process.argv[2])).catch(error => {
  console.error(error)
  process.exit(1)
})
