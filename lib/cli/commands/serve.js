'use strict'

const Log = require('../../attach/log')
const { partsOf } = require('../../parts')
const look = require('../look')
const { port } = require('../options')
const { until } = require('../signals')
const { UsageError } = require('../usage-error')

const PORT = 8118
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** In milliseconds: a little more than a submission takes, save at a primary that hangs and that nobody can take the place of. */
const LONGEST_SUBMISSION = 35000
/** In milliseconds: what takes longer may never end. */
const LONGEST_REQUEST = 10000
const LOOK_EVERY = 50
/** In milliseconds. Idle connections take less to end, and are no requests. */
const TOLD_AFTER = 500
const HINT = '; give another one, unless the page that the pool itself serves is there'

const summary = 'serves the status page, and with --gateway the gateway for wallets, explorers and other pools'
const options = {
  config: look.CONFIG,
  gateway: { value: 'N', read: port, text: 'take requests for daemons at this port, for wallets, explorers and other pools' },
  port: { value: 'N', read: port, text: `the port of the page on this machine, 0 for any free port (default: ${PORT})` }
}
const details = `With --gateway, one of the configured daemons on the main chain answers each request at that port. Every change is printed, as in a pool's
log. \`gateway\` in the configuration may name a host and a password.
Only this machine can see the page (ssh -L ${PORT}:127.0.0.1:${PORT} brings it to yours), and the page takes no orders. It shows what this command sees
itself, whether the pool runs or not. /healthz and /readyz are for probes. Exit code: 0, or 2 for a mistake.`

async function run (given, { out }) {
  const log = new Log((severity, system, text, [line]) => out.write(`${new Date().toISOString()} ${severity}: ${line}\n`))
  const { multiDaemon, notes } = look.open(given, (severity, text) => log.line(severity, text))
  if (given.gateway !== undefined) partsOf(multiDaemon).add(log)
  const end = until(SIGNALS)
  try {
    const url = await pageOf(multiDaemon, given)
    out.write(notes.map(note => `note: ${note}\n`).concat(`status page at ${url}\n`).join(''))
    await end.promise
    await finish(multiDaemon, out)
  } finally {
    end.now()
    await multiDaemon.stop()
  }
  return 0
}

/** Ends the gateway when nothing is under way any more. Blocks come first: while the daemons are watched they are in better hands. */
async function finish (multiDaemon, out) {
  const { source } = partsOf(multiDaemon)
  const again = until(SIGNALS)
  try {
    await whileUnderWay('what becomes of a block', () => source.isSubmitting(), LONGEST_SUBMISSION, again, out)
    await multiDaemon.stop()
    await whileUnderWay('requests that are under way', () => source.isBusy(), LONGEST_REQUEST, again, out)
    // One that came at the last moment.
    await whileUnderWay('what becomes of a block', () => source.isSubmitting(), LONGEST_SUBMISSION, again, out)
  } finally {
    again.now()
  }
}

/** What is under way would be lost with the process: it waits for that, within bounds, until it is told again to end. */
async function whileUnderWay (what, isUnderWay, longest, again, out) {
  const began = Date.now()
  let isTold = false
  while (!again.isOver() && isUnderWay() && Date.now() - began < longest) {
    if (!isTold && Date.now() - began >= TOLD_AFTER) {
      isTold = true
      out.write(`waiting for ${what}; a second signal ends it at once\n`)
    }
    await sleep(LOOK_EVERY)
  }
}

function sleep (milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

/** A pool would try again until the port is free; here somebody waits for it. */
function pageOf (multiDaemon, { port = PORT }) {
  return new Promise((resolve, reject) => {
    const say = (severity, text) => {
      if (severity !== 'info') reject(new UsageError(`--port: ${text.replace(/^no status page yet: |; trying again.*/g, '')}${HINT}`))
    }
    partsOf(multiDaemon).servePage({ port, say }).listening.then(resolve)
  })
}

module.exports = { details, options, run, summary }
