'use strict'

// What `require('turtle-pool-multi-daemon')` gives. Everything at run time is Node 10 syntax and has no dependencies.

const mistake = require('./lib/node-version')()
if (mistake) throw new Error(mistake)

const { attach, current } = require('./lib/attach')
const MultiDaemon = require('./lib/multi-daemon')

module.exports = { MultiDaemon, attach, current }
