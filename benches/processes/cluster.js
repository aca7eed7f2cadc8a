'use strict'

// A master with one worker that asks for templates as pools do, with or without the addon attached to both; the worker's
// memory and threads after a while.

const cluster = require('node:cluster')
const http = require('node:http')
const { presence } = require('./meter')

/**
 * Both workers have done some work, and have a young generation of one size, all of which that work has touched: how much
 * of it happens to be touched by then would be more than what is measured.
 */
const TEMPLATES = 800
const PAUSE = 2
const FLAGS = ['--expose-gc', '--max-semi-space-size=1']

const { config, attaches } = JSON.parse(process.argv[2])

async function lead () {
  if (attaches) await require('../..').attach(config, { log () {} }).ready
  cluster.setupPrimary({ execArgv: FLAGS })
  const worker = cluster.fork()
  worker.on('message', message => {
    // The addon's own messages come this way too.
    if (!message || message.memory === undefined) return
    console.log(JSON.stringify(message))
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
  // Where a pool's modules find it.
  global.config = config
  refresh(require('../../__test__/standin/pool/lib/apiInterfaces').rpcDaemon, TEMPLATES)
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
