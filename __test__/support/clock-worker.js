'use strict'

// A cluster worker whose time of day is set back an hour in the moment in which its master stops for good. Tells on its standard output, which is
// its master's, what becomes of it.

const fs = require('node:fs')
const { attach } = require('../..')

const report = value => fs.writeSync(1, `${JSON.stringify(value)}\n`)
const real = Date.now

const multiDaemon = attach(JSON.parse(process.argv[2]), { log (severity, system, text, [line]) { if (/polls for itself/.test(line)) leave(line) } })

function leave (line) {
  report({ line, port: multiDaemon.getDaemon().port })
  process.kill(process.ppid, 'SIGKILL')
  process.exit()
}

multiDaemon.ready.then(() => {
  process.kill(process.ppid, 'SIGSTOP')
  Date.now = () => real() - 3600000
})
