'use strict'

// What `require('turtle-pool-multi-daemon')` gives. Everything at run time is Node 10 syntax and has no dependencies.

module.exports = { MultiDaemon: require('./lib/multi-daemon') }
