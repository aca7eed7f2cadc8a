'use strict'

// Watches many daemons for a while, or none, and tells what that cost and by how much the event loop was late.

// Every pool has these before it gets anything else.
require('node:http')
require('node:https')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { setTimeout: sleep } = require('node:timers/promises')
const { Meter, presence } = require('./meter')

async function main ({ config, milliseconds }) {
  const before = presence()
  const pool = config && await watching(config, milliseconds)
  // Before a snapshot of all of them is asked for: what that takes is the pool's.
  const after = presence()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const polls = pool ? pool.getStatus().polls : 0
  const meter = new Meter()
  delay.enable()
  await sleep(milliseconds)
  delay.disable()
  const costs = meter.read(pool ? Math.max(1, pool.getStatus().polls - polls) : 1000)
  const snapshot = pool ? timeOf(() => pool.getStatus()) : 0
  if (pool) await pool.stop()
  console.log(JSON.stringify({ ...costs, memory: after.memory - before.memory, late: delay.percentile(99) / 1e6, snapshot }))
}

/** Every daemon has been polled, and judged again after that. */
async function watching (config, milliseconds) {
  const { MultiDaemon } = require('../..')
  const pool = new MultiDaemon(config)
  await pool.ready
  await sleep(milliseconds)
  return pool
}

function timeOf (work) {
  const start = performance.now()
  work()
  return performance.now() - start
}

main(JSON.parse(process.argv[2]))
