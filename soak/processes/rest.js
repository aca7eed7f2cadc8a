'use strict'

const { setTimeout: sleep } = require('node:timers/promises')
const { now } = require('../clock')
const { recoveryOf } = require('../limits')
const { OPTIONS } = require('../settings')

/**
 * Waits until every daemon that pools can use is healthy, which has to come by itself.
 * @returns {Promise<number>} milliseconds, without those in which this process was not given its turn
 */
async function healthyAgain (multiDaemon, turns, trouble) {
  const [began, lateBefore, limit] = [now(), turns.late, recoveryOf(OPTIONS)]
  for (;;) {
    const bad = multiDaemon.getStatus().daemons.filter(({ state, reason }) => state !== 'healthy' && !(reason && reason.code === 'no-json-rpc'))
    const took = now() - began - (turns.late - lateBefore)
    if (bad.length === 0) return took
    if (took > limit) {
      const verdicts = bad.map(({ host, port, state, reason }) => `${host}:${port} ${state}: ${reason ? reason.message : 'no reason'}`)
      trouble(`${limit} ms after everything was well again: ${verdicts.join('; ')}`)
      return took
    }
    await sleep(20)
  }
}

module.exports = { healthyAgain }
