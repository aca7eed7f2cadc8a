'use strict'

// What `require('turtle-pool-multi-daemon')` gives. Everything at run time is Node 10 syntax and has no dependencies.

const mistake = require('./lib/node-version')()
if (mistake) throw new Error(mistake)

const { isEnabled } = require('./lib/config')
const MultiDaemon = require('./lib/multi-daemon')

/** What attaches to pools, once that is asked for: a pool with the feature off loads none of it. */
let embedding = null

function attach (config, options) {
  if (!embedding && !isEnabled(config)) return null
  embedding = require('./lib/attach')
  return embedding.attach(config, options)
}

function current () {
  return embedding && embedding.current()
}

module.exports = { MultiDaemon, attach, current }
