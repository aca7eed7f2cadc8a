'use strict'

const Log = require('../../attach/log')
const { partsOf } = require('../../parts')
const look = require('../look')
const { paintFor } = require('../paint')
const { statusOfPool } = require('../pool-page')
const { until } = require('../signals')
const LiveTable = require('../live-table')

const summary = 'shows a live table of the daemons, and a line for each change'
const options = { config: look.CONFIG }
/** Milliseconds between two questions to the pool that runs. */
const ASK_POOL_EVERY = 2000
const details = `q or Ctrl-C ends it. Where the output is not a terminal it prints the lines alone, one for each change, as the pool's
log has them. On a terminal it also shows what a pool that runs tells on its status page. Exit code: 0, or 2 for a mistake in the configuration.`

async function run (given, { out }) {
  const view = look.open(given)
  const end = until(['SIGINT', 'SIGTERM', 'SIGHUP'])
  const show = out.isTTY ? showTable : showLines
  const close = show(view, out, end.now)
  await end.promise
  close()
  await view.multiDaemon.stop()
  return 0
}

function showTable ({ multiDaemon, notes, config }, out, leave) {
  const table = new LiveTable(out, process.stdin, { paint: paintFor(out), status: () => multiDaemon.getStatus(), leave })
  notes.forEach(note => table.note(note))
  tapInto(multiDaemon, table.log)
  table.open()
  const timer = setInterval(() => statusOfPool(config, ASK_POOL_EVERY).then(pool => table.notePool(pool)), ASK_POOL_EVERY)
  return () => {
    clearInterval(timer)
    table.close()
  }
}

function showLines ({ multiDaemon, notes }, out) {
  const log = new Log((severity, system, text, [line]) => out.write(`${new Date().toISOString()} ${severity}: ${line}\n`))
  notes.forEach(note => log.info(note))
  tapInto(multiDaemon, log)
  return () => {}
}

function tapInto (multiDaemon, log) {
  const parts = partsOf(multiDaemon)
  parts.add(log)
  parts.source.say = (severity, text) => log.line(severity, text)
}

module.exports = { details, options, run, summary }
