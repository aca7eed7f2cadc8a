'use strict'

// Polls with http.Agent, as a pool would without the addon, and tells what it cost: the same two requests, over one kept
// connection each, but no judging.

// Every pool has these before it gets anything else.
require('node:http')
require('node:https')
const { setTimeout: sleep } = require('node:timers/promises')
const { Meter, presence } = require('./meter')

async function main ({ config, polls, warmUp, flat }) {
  const before = presence()
  const http = require('node:http')
  const { daemon, multiDaemon } = config
  const watched = [daemon, ...multiDaemon.daemons].map(address => new Watched(http, address))
  const interval = flat ? 0 : multiDaemon.pollingInterval
  const advance = count => Promise.all(watched.map(each => each.pollRepeatedly(count / watched.length, interval)))
  await advance(warmUp)
  const meter = new Meter()
  await advance(polls)
  const costs = meter.read(polls)
  const after = presence()
  for (const { agent } of watched) agent.destroy()
  console.log(JSON.stringify({ ...costs, memory: after.memory - before.memory, threads: after.threads - before.threads }))
}

/** One daemon and the connection to it. */
class Watched {
  constructor (http, { host, port }) {
    this.http = http
    this.address = { host, port }
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  }

  async pollRepeatedly (times, interval) {
    for (let time = 0; time < times; time++) {
      const started = performance.now()
      await this.poll()
      if (interval) await sleep(Math.max(0, started + interval - performance.now()))
    }
  }

  async poll () {
    this.info = await this.request('GET', '/info')
    this.header = (await this.request('POST', '/json_rpc', LAST_HEADER)).result.block_header
  }

  request (method, path, body) {
    const headers = body ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {}
    return new Promise((resolve, reject) => {
      const request = this.http.request({ ...this.address, agent: this.agent, method, path, headers }, response => {
        const chunks = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
        response.on('error', reject)
      })
      request.on('error', reject)
      request.end(body)
    })
  }
}

const LAST_HEADER = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'getlastblockheader', params: {} })

main(JSON.parse(process.argv[2]))
