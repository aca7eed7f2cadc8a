'use strict'

const look = require('../look')
const { paintFor } = require('../paint')
const { workLines } = require('../pool-lines')
const { pageOf, statusOfPool } = require('../pool-page')
const { daemonLines, summaryOf } = require('../table')
const { isSame, nameOf } = require('../../name')

const summary = 'shows which daemon the pool uses, or would use, and what is wrong with the others'
const options = { config: look.CONFIG, json: { text: 'print the status as JSON (Status in index.d.ts)' } }
const details = `If the configuration has a status page and the pool runs, the pool itself tells all that is shown: which daemon it uses, what it knows of
each daemon, what became of requests and blocks, and which of its processes ask. Otherwise the command asks each daemon once. One look does not see problems
that take time to appear, such as a lag of one block: watch sees them. Exit code: 0 in mode multi, 1 in mode single, 2 for a mistake in the configuration.`

async function run (given, { out, err }) {
  const { multiDaemon, notes, config } = look.open(given)
  const pool = await statusOfPool(config)
  const status = pool || await look.settled(multiDaemon)
  await multiDaemon.stop()
  out.write(given.json ? `${JSON.stringify(status)}\n` : textOf(status, pool !== null, paintFor(out)))
  const all = new Set(notes.concat(pool && pool.warnings || [], whose(config, pool, given.json)))
  for (const note of all) err.write(`note: ${note}\n`)
  return status.mode === 'multi' ? 0 : 1
}

function textOf (status, isPool, paint) {
  const table = daemonLines(status).map(({ style, text }) => paint(style, text))
  const work = isPool ? ['', 'What the pool has done since it started to watch:'].concat(workLines(status, Date.now())) : []
  return `${[sentence(status, isPool)].concat('', table, '', summaryOf(status), work).join('\n')}\n`
}

/** Where the pool sends its requests, or one that starts now would, and what is the matter with its own daemon. */
function sentence ({ current, primary, daemons, head, pin }, isPool) {
  const who = isPool ? 'The pool that runs mines' : 'A pool would mine'
  const which = isSame(current, primary) ? 'the primary' : 'not the primary'
  const place = head ? `, head at ${head.height}` : ''
  const { state, reason } = daemons[0]
  const trouble = state === 'healthy' ? '' : ` The primary is ${state}${reason ? `: ${reason.message}` : ''}.`
  return `${who} through ${nameOf(current)}, ${which}${pin ? ', pinned' : ''}${place}.${trouble}`
}

/** Whose view it is, where that is in doubt. */
function whose (config, pool, asJson) {
  const page = pageOf(config)
  if (page === null) return []
  const place = `the pool's status page at ${nameOf(page)}`
  if (pool) return asJson ? [`this is what the pool that runs knows, from ${place}`] : []
  return [`${place} does not answer as a pool that runs: this is what one look at the daemons shows`]
}

module.exports = { details, options, run, summary }
