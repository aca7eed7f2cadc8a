'use strict'

// A pool as the addon meets it, without its wallet, its database and its hashing: `node main.js CONFIG`. The master forks
// pool workers and an unlocker, and every process runs this file. Whatever a test may want to know is one line of JSON on
// stdout; a process that is forked with IPC takes commands (see commands.js).

const cluster = require('cluster')
const fs = require('fs')

global.config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
require('./logger')
const { attach } = require('../..')

const { standin } = global.config
if (attaches(standin)) attach(global.config, Object.assign({ log: global.log }, standin.watch && { watch: process.argv[2] }))
require('./commands')

if (cluster.isMaster) {
  require('./master')
} else {
  require(process.env.workerType === 'pool' ? './pool' : './unlocker')
}

/** `attach`: "all" processes, only "workers" (of a master that knows nothing of it), or "none". */
function attaches (settings) {
  return settings.attach === 'all' || (settings.attach === 'workers' && cluster.isWorker)
}
