'use strict'

const createStatusServer = require('../../status')
const look = require('../look')
const { port } = require('../options')
const { until } = require('../signals')
const { UsageError } = require('../usage-error')

const PORT = 8118
const HINT = '; give another one, unless the page that the pool itself serves is there'

const summary = 'the status page alone, for a look before the pool has it'
const options = {
  config: look.CONFIG,
  port: { value: 'N', read: port, text: `where on this machine to serve it, 0 for any free port (default: ${PORT})` }
}
const details = `Only this machine can see it (ssh -L ${PORT}:127.0.0.1:${PORT} brings it to yours), and nothing can be ordered through it: what it shows is
what it sees itself, whether the pool runs or not. Exit code: 0, or 2 for a mistake.`

async function run (given, { out }) {
  const { multiDaemon, notes } = look.open(given)
  const end = until(['SIGINT', 'SIGTERM', 'SIGHUP'])
  try {
    const url = await pageOf(multiDaemon, given)
    out.write(notes.map(note => `note: ${note}\n`).concat(`status page at ${url}\n`).join(''))
    await end.promise
  } finally {
    end.now()
    await multiDaemon.stop()
  }
  return 0
}

/** A pool would try again until the port is free; here somebody waits for it. */
function pageOf (multiDaemon, { port = PORT }) {
  return new Promise((resolve, reject) => {
    const say = (severity, text) => {
      if (severity !== 'info') reject(new UsageError(`--port: ${text.replace(/^no status page yet: |; trying again.*/g, '')}${HINT}`))
    }
    multiDaemon._page = createStatusServer(multiDaemon, { port, say })
    multiDaemon._page.listening.then(resolve)
  })
}

module.exports = { details, options, run, summary }
