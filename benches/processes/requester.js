'use strict'

// Asks one daemon for templates in several ways in turn, and tells what each cost, in microseconds a request.

const http = require('node:http')
const requests = require('../../__test__/standin/requests')
const { MultiDaemon } = require('../..')
const { median } = require('../figure')

const AT_ONCE = 16
/** A pool runs for weeks: what is measured is code that has been compiled. */
const WARM_UP = 4
const METHOD = 'getblocktemplate'
const PARAMS = { reserve_size: 8, wallet_address: 'T'.repeat(99) }

// As on the Node.js that turtle-pool runs on: the pool's own code opens a connection for each request.
http.globalAgent = new http.Agent({ keepAlive: false })

async function main ({ config, turns, requests: count }) {
  const multiDaemon = new MultiDaemon(config)
  await multiDaemon.ready
  const ways = [
    new Way('rpc', multiDaemon.rpc),
    new Way('pool', requests(config.daemon).rpcDaemon),
    new Way('agent', overKeptConnections(config.daemon)),
    new Way('undici', overUndici(config.daemon))
  ]
  for (let turn = 0; turn < WARM_UP; turn++) await takeTurns(ways, count)
  ways.forEach(way => way.forget())
  for (let turn = 0; turn < turns; turn++) await takeTurns(ways, count)
  console.log(JSON.stringify(Object.fromEntries(ways.map(way => [way.name, way.outcome()]))))
  await multiDaemon.stop()
  process.exit()
}

/** In the other order every time: what one leaves behind, garbage and connections that are closing, is not always the same one's to bear. */
async function takeTurns (ways, count) {
  for (const way of ways) await way.measure(count)
  ways.reverse()
}

/** One way to ask, with what it has cost so far. */
class Way {
  constructor (name, ask) {
    this.name = name
    this.ask = ask
    this.forget()
  }

  forget () {
    this.latencies = []
    this.times = []
    this.processor = []
  }

  async measure (count) {
    for (let request = 0; request < count; request++) this.latencies.push(await timed(this.ask))
    const before = process.cpuUsage()
    const start = performance.now()
    await inParallel(this.ask, count)
    this.times.push((performance.now() - start) / count)
    const { user, system } = process.cpuUsage(before)
    this.processor.push((user + system) / count)
  }

  outcome () {
    const latencies = this.latencies.sort((one, other) => one - other)
    return {
      median: median(latencies) * 1000,
      p99: latencies[Math.ceil(latencies.length * 0.99) - 1] * 1000,
      time: median(this.times) * 1000,
      processor: median(this.processor)
    }
  }
}

async function timed (ask) {
  const start = performance.now()
  await template(ask)
  return performance.now() - start
}

function inParallel (ask, count) {
  let left = count
  const worker = async () => {
    while (left-- > 0) await template(ask)
  }
  return Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function template (ask) {
  return new Promise((resolve, reject) => ask(METHOD, PARAMS, (error, result) => error ? reject(error) : resolve(result)))
}

/** The least that has to be done by whoever keeps connections: to send, to collect, and to read JSON. It waits for ever, and trusts every reply. */
function overKeptConnections ({ host, port }) {
  const agent = new http.Agent({ keepAlive: true })
  return (method, params, callback) => {
    const body = JSON.stringify({ id: '0', jsonrpc: '2.0', method, params })
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const request = http.request({ agent, host, port, method: 'POST', path: '/json_rpc', headers }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const { error, result } = JSON.parse(Buffer.concat(chunks).toString())
        callback(error, result)
      })
    })
    request.on('error', callback)
    request.end(body)
  }
}

function overUndici ({ host, port }) {
  const { Pool } = require('undici')
  const pool = new Pool(`http://${host}:${port}`, { connections: AT_ONCE })
  return (method, params, callback) => {
    const body = JSON.stringify({ id: '0', jsonrpc: '2.0', method, params })
    const asking = pool.request({ path: '/json_rpc', method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    asking.then(reply => reply.body.json()).then(({ error, result }) => callback(error, result), callback)
  }
}

main(JSON.parse(process.argv[2]))
