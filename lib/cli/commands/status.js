'use strict'

const look = require('../look')
const { paintFor } = require('../paint')
const { poolLines } = require('../pool-lines')
const { statusOfPool } = require('../pool-page')
const { daemonLines, summaryOf } = require('../table')
const { isSame, nameOf } = require('../../name')

const summary = 'asks the daemons once: which one a pool would use, and what is wrong with the others'
const options = { config: look.CONFIG, json: { text: 'print the status as JSON (Status in index.d.ts)' } }
const details = `Exit code: 0 in mode multi, 1 in mode single, 2 for a mistake in the configuration. Faults that show only in time, such as
a lag of one block, are not seen by one look: watch sees them. A pool that runs stays with its daemon while that one is healthy, so
it may use another than this one look would choose. If the configuration has a status page and the pool runs, the pool itself tells which daemon
it uses, what became of requests and blocks, and which of its processes ask.`

async function run (given, { out, err }) {
  const { multiDaemon, notes, config } = look.open(given)
  const [status, pool] = await Promise.all([look.settled(multiDaemon), given.json ? null : statusOfPool(config)])
  await multiDaemon.stop()
  out.write(given.json ? `${JSON.stringify(status)}\n` : textOf(status, pool, paintFor(out)))
  for (const note of notes) err.write(`note: ${note}\n`)
  return status.mode === 'multi' ? 0 : 1
}

function textOf (status, pool, paint) {
  const table = daemonLines(status).map(({ style, text }) => paint(style, text))
  const ofPool = pool ? [''].concat(poolLines(pool, Date.now())) : []
  return `${[sentence(status)].concat('', table, '', summaryOf(status), ofPool).join('\n')}\n`
}

/** Where a pool that starts now would send its requests, and what is the matter with its own daemon. */
function sentence ({ current, primary, daemons, head }) {
  const which = isSame(current, primary) ? 'the primary' : 'not the primary'
  const place = head ? `, head at ${head.height}` : ''
  const { state, reason } = daemons[0]
  const trouble = state === 'healthy' ? '' : ` The primary is ${state}${reason ? `: ${reason.message}` : ''}.`
  return `A pool would mine through ${nameOf(current)}, ${which}${place}.${trouble}`
}

module.exports = { details, options, run, summary }
