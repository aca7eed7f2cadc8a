'use strict'

// A cluster worker whose master is not a pool's. Tells on its standard output what it has and what it said, once it decides for itself, or has
// tried that several times in vain.

const fs = require('node:fs')
const { attach } = require('../..')
const { partsOf } = require('../../lib/parts')

const [config, watch] = process.argv.slice(2)
const lines = []
const log = (severity, system, text, [line]) => lines.push(`${severity} ${line}`)

const multiDaemon = attach(JSON.parse(config), { log, watch })
const parts = partsOf(multiDaemon)
const { source } = parts
let tries = source.own ? 0 : 1
const pollForItself = source.pollForItself
source.pollForItself = function (why) {
  tries++
  pollForItself.call(this, why)
}

const timer = setInterval(() => {
  if (!source.decides && tries < 4) return
  clearInterval(timer)
  const { mode, webhook, daemons } = multiDaemon.getStatus()
  const [page, port] = [parts.page, multiDaemon.getDaemon().port]
  const seen = { mode, webhook: webhook || null, page, daemons: daemons.length, port, reconfigure: attempt(() => multiDaemon.reconfigure(JSON.parse(config))) }
  fs.writeSync(1, `${JSON.stringify({ ...seen, lines: lines.filter(line => !line.startsWith('info')) })}\n`)
  process.exit()
}, 20)

function attempt (act) {
  try {
    return act()
  } catch ({ code, message }) {
    return { code, message }
  }
}
