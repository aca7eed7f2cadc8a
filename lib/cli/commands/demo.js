'use strict'

const { port } = require('../options')
const { UsageError } = require('../usage-error')

/** The simulated network is written for this version and later ones; the addon itself is not. */
const OLDEST = 20

const summary = 'shows on four simulated daemons how a pool survives a crash, a hang and a fork, and finds a block'
const options = {
  seconds: { value: 'N', text: 'end after N seconds; the story takes half a minute, and repeats if time remains' },
  port: { value: 'N', read: port, text: 'the port of the status page, 0 for any free port (default: any free port)' },
  json: { text: 'print one JSON object a line' }
}
const details = `Needs Node.js ${OLDEST} or newer, and no daemon. Everything stays on this machine. Exit code: 1 when the pool of the story
was without a template for more than five seconds, or lost a block that it found.`

async function run ({ seconds, port, json }, streams) {
  if (parseInt(process.versions.node) < OLDEST) throw new UsageError(`demo needs Node.js ${OLDEST} or newer, but this is ${process.version}`)
  const { play } = require('../../../sim/main')
  return play([].concat(seconds === undefined ? [] : ['--seconds', seconds], port === undefined ? [] : ['--port', String(port)], json ? '--json' : []))
}

module.exports = { details, options, run, summary }
