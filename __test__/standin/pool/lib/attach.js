'use strict'

// Attaches as the test wants it. Where `init.js` has the line for that already, this changes nothing.

const cluster = require('cluster')

const { attach } = require('turtle-pool-multi-daemon')

const { standin } = global.config
if (standin.redis) require('./redis')(standin.redis)
if (attaches(standin)) attach(global.config, Object.assign({ log: global.log }, standin.watch && { watch: process.argv[2] }, sharing(standin)))

/** As the one line of a pool on several hosts says it. */
function sharing ({ redis }) {
  return redis && { redis: global.redisClient, host: redis.host }
}

/** `attach`: "all" processes, only "workers" (of a master that knows nothing of it), or "none". */
function attaches (settings) {
  return settings.attach === 'all' || (settings.attach === 'workers' && cluster.isWorker)
}
