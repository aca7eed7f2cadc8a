'use strict'

// Sets global.log, which changes the list it is given, as the pools' does; global.report, for what is no log line; and
// global.role, the name of this process in both.

const util = require('util')

const role = process.env.workerType ? process.env.workerType + (process.env.forkId || '') : 'master'

global.role = role

global.log = function (severity, system, text, data) {
  data = data || []
  data.unshift(text)
  global.report('log', { severity, system, text: util.format.apply(null, data) })
}

global.report = function (event, members) {
  process.stdout.write(JSON.stringify(Object.assign({ role, pid: process.pid, at: Date.now(), event }, members)) + '\n')
}
