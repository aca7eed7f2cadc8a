'use strict'

const { port } = require('../lib/cli/options')
const { UsageError } = require('../lib/cli/usage-error')
const { parsed } = require('./arguments')

const USAGE = `usage: npm start -- [options]

Four simulated daemons, the addon on them as in a pool, and a short story of faults.

  --seconds N     end after N seconds; the story repeats if time remains
  --port N        where the status page is (default: any free port; with --json, no page)
  --json          print one JSON object a line
  --help          print this`

/**
 * @typedef {{ seconds: number | null, port: number | null, json: boolean, help: boolean }} Options
 * @param {string[]} args
 * @returns {Options}
 */
function readOptions (args) {
  const { values } = parsed(args, { seconds: { type: 'string' }, port: { type: 'string' }, json: { type: 'boolean' } })
  return {
    seconds: values.seconds === undefined ? null : positive(values.seconds),
    port: values.port === undefined ? null : port(values.port, '--port'),
    json: Boolean(values.json),
    help: Boolean(values.help)
  }
}

function positive (text) {
  const seconds = Number(text)
  // The limit is what a timer can count.
  if (text.trim() === '' || !(seconds > 0 && seconds <= 2000000)) throw new UsageError(`--seconds needs a number above 0, not '${text}'`)
  return seconds
}

module.exports = { USAGE, readOptions }
