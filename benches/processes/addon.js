'use strict'

// Polls with the addon, and tells what it cost.

// Every pool has these before it gets anything else.
require('node:http')
require('node:https')
const { setTimeout: sleep } = require('node:timers/promises')
const { Meter, presence } = require('./meter')

async function main ({ config, polls, warmUp, flat }) {
  const before = presence()
  const { MultiDaemon } = require('../..')
  const pool = new MultiDaemon(config)
  await pool.ready
  const advance = count => polledUntil(pool, pool.getStatus().polls + count, { flat, config })
  await advance(warmUp)
  const start = pool.getStatus().polls
  const meter = new Meter()
  await advance(polls)
  const costs = meter.read(pool.getStatus().polls - start)
  const after = presence()
  await pool.stop()
  console.log(JSON.stringify({ ...costs, memory: after.memory - before.memory, threads: after.threads - before.threads }))
}

async function polledUntil (pool, count, { flat, config }) {
  const { daemons, pollingInterval } = config.multiDaemon
  let { polls } = pool.getStatus()
  while (polls < count) {
    // Refreshing back to back is as fast as it gets. Otherwise watching goes on by itself, and must not be disturbed.
    if (flat) ({ polls } = await pool.refresh())
    else {
      await sleep(Math.ceil((count - polls) / (1 + daemons.length)) * pollingInterval)
      polls = pool.getStatus().polls
    }
  }
}

main(JSON.parse(process.argv[2]))
