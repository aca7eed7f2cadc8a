'use strict'

const { setTimeout: sleep } = require('node:timers/promises')
const { now } = require('../clock')
const { recoveryOf } = require('../limits')
const { OPTIONS } = require('../settings')

/** On a machine that is busy with other things; what an honest machine takes is printed. */
const PATIENCE = 10 * recoveryOf(OPTIONS)

/** Waits until every daemon that pools can use is healthy, which has to come by itself. */
async function healthyAgain (multiDaemon, began, trouble) {
  for (;;) {
    const bad = multiDaemon.getStatus().daemons.filter(({ state, reason }) => state !== 'healthy' && !(reason && reason.code === 'no-json-rpc'))
    if (bad.length === 0) return
    if (now() - began > PATIENCE) {
      const verdicts = bad.map(({ host, port, state, reason }) => `${host}:${port} ${state}: ${reason ? reason.message : 'no reason'}`)
      return trouble(`${PATIENCE} ms after everything was well again: ${verdicts.join('; ')}`)
    }
    await sleep(20)
  }
}

module.exports = { healthyAgain }
