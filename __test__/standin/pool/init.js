'use strict'

// A pool as the addon meets it, without its wallet, its database and its hashing: `node init.js CONFIG`. The master forks
// pool workers and an unlocker, and every process runs this file. Whatever a test may want to know is one line of JSON on
// stdout; a process that is forked with IPC takes commands (see commands.js). Lines that edits look for are as in the pools.

const cluster = require('cluster')

require('./lib/configReader.js')
require('./lib/logger.js')

require('./lib/attach')
require('./lib/commands')

if (cluster.isWorker) {
  require(process.env.workerType === 'pool' ? './lib/pool' : './lib/unlocker')
} else {
  require('./lib/master')
}
