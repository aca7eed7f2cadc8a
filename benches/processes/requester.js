'use strict'

// Asks one daemon for templates in several ways in turn, and tells what each cost, in microseconds a request.

const http = require('node:http')
const requests = require('../../__test__/standin/requests')
const { MultiDaemon } = require('../..')
const { median } = require('../figure')

const AT_ONCE = 16
const METHOD = 'getblocktemplate'
const PARAMS = { reserve_size: 8, wallet_address: 'T'.repeat(99) }

// As on the Node.js that turtle-pool runs on: the pool's own code opens a connection for each request.
http.globalAgent = new http.Agent({ keepAlive: false })

async function main ({ config, turns, requests: count }) {
  const multiDaemon = new MultiDaemon(config)
  await multiDaemon.ready
  const ways = {
    rpc: multiDaemon.rpc,
    pool: requests(config.daemon).rpcDaemon,
    agent: overKeptConnections(config.daemon),
    undici: overUndici(config.daemon)
  }
  const outcomes = Object.fromEntries(Object.keys(ways).map(name => [name, []]))
  // The first turn warms up.
  for (let turn = 0; turn <= turns; turn++) {
    for (const [name, ask] of Object.entries(ways)) {
      const outcome = await measure(ask, count)
      if (turn > 0) outcomes[name].push(outcome)
    }
  }
  console.log(JSON.stringify(outcomes))
  await multiDaemon.stop()
  process.exit()
}

async function measure (ask, count) {
  const latencies = []
  for (let request = 0; request < count; request++) latencies.push(await timed(ask))
  const before = process.cpuUsage()
  const start = performance.now()
  await inParallel(ask, count)
  const { user, system } = process.cpuUsage(before)
  latencies.sort((one, other) => one - other)
  return {
    median: median(latencies) * 1000,
    p99: latencies[Math.ceil(count * 0.99) - 1] * 1000,
    time: (performance.now() - start) / count * 1000,
    processor: (user + system) / count
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

/** The least that has to be done. */
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
