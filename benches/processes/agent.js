'use strict'

// Polls in JavaScript, with http.Agent or undici, as a pool could without the addon, and tells what it cost: the same two requests,
// over one kept connection each, but no judging.

// Every pool has these before it gets anything else.
require('node:http')
require('node:https')
const { setTimeout: sleep } = require('node:timers/promises')
const { Meter, presence } = require('./meter')

async function main ({ config, polls, warmUp, flat, client }) {
  const before = presence()
  const connect = CLIENTS[client]()
  const { daemon, multiDaemon } = config
  const watched = [daemon, ...multiDaemon.daemons].map(address => new Watched(connect(address)))
  const interval = flat ? 0 : multiDaemon.pollingInterval
  const advance = count => Promise.all(watched.map(each => each.pollRepeatedly(count / watched.length, interval)))
  await advance(warmUp)
  const meter = new Meter()
  await advance(polls)
  const costs = meter.read(polls)
  const after = presence()
  for (const { connection } of watched) connection.close()
  console.log(JSON.stringify({ ...costs, memory: after.memory - before.memory, threads: after.threads - before.threads }))
}

/** One daemon and the connection to it. */
class Watched {
  constructor (connection) {
    this.connection = connection
  }

  async pollRepeatedly (times, interval) {
    for (let time = 0; time < times; time++) {
      const started = performance.now()
      await this.poll()
      if (interval) await sleep(Math.max(0, started + interval - performance.now()))
    }
  }

  async poll () {
    this.info = JSON.parse(await this.connection.ask('GET', '/info'))
    this.header = JSON.parse(await this.connection.ask('POST', '/json_rpc', LAST_HEADER)).result.block_header
  }
}

/** What connects to a daemon; each is loaded only where it is measured. */
const CLIENTS = {
  'http.Agent': () => {
    const http = require('node:http')
    return address => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      return { ask: (method, path, body) => askOver(http, { ...address, agent, method, path }, body), close: () => agent.destroy() }
    }
  },
  undici: () => {
    const { Client } = require('undici')
    return ({ host, port }) => {
      const client = new Client(`http://${host}:${port}`)
      return { ask: async (method, path, body) => (await client.request({ method, path, body, headers: headersOf(body) })).body.text(), close: () => client.destroy() }
    }
  }
}

function askOver (http, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ ...options, headers: headersOf(body) }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

function headersOf (body) {
  return body ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {}
}

const LAST_HEADER = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'getlastblockheader', params: {} })

main(JSON.parse(process.argv[2]))
