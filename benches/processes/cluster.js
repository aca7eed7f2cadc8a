'use strict'

// A master with one worker that asks for templates as pools do, with or without the addon attached to both; the worker's
// memory and threads after a while.

const cluster = require('node:cluster')
const http = require('node:http')
const requests = require('../../__test__/standin/requests')
const { presence } = require('./meter')

/**
 * So much that the memory of a bare worker has grown to what a working one has: in one that has done nothing yet, loading
 * anything at all makes the heap grow by megabytes, which it would have done by itself a moment later.
 */
const TEMPLATES = 800
const PAUSE = 2

const { config, attaches } = JSON.parse(process.argv[2])

async function lead () {
  if (attaches) await require('../..').attach(config, { log () {} }).ready
  cluster.setupPrimary({ execArgv: ['--expose-gc'] })
  const worker = cluster.fork()
  worker.once('message', outcome => {
    console.log(JSON.stringify(outcome))
    process.exit()
  })
  worker.once('exit', () => process.exit(1))
}

function follow () {
  // Every pool listens.
  process.on('message', () => {})
  process.on('disconnect', () => process.exit())
  http.globalAgent = new http.Agent({ keepAlive: false })
  if (attaches) require('../..').attach(config, { log () {} })
  refresh(requests(config.daemon).rpcDaemon, TEMPLATES)
}

function refresh (rpcDaemon, left) {
  rpcDaemon('getblocktemplate', { reserve_size: 8, wallet_address: 'T'.repeat(99) }, error => {
    if (error) throw error
    if (left > 0) setTimeout(refresh, PAUSE, rpcDaemon, left - 1)
    else tell()
  })
}

function tell () {
  const { memory, threads } = presence()
  process.send({ memory, threads, heap: process.memoryUsage().heapUsed })
}

if (cluster.isPrimary) lead()
else follow()
