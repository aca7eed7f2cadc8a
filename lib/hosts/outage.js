'use strict'

/** Milliseconds without a good round after which it is mentioned: a client that connects again is no news. */
const PATIENCE = 5000
/** Good rounds in a row after which it is over. */
const STEADY = 5

/** Mentions once that Redis is away, and once that it is back. Times are milliseconds by a clock that only goes forward. */
class Outage {
  constructor (log, now) {
    this.log = log
    this.lastGood = now
    this.isTold = false
    this.row = 0
  }

  good (now) {
    this.lastGood = now
    this.row++
    if (!this.isTold || this.row < STEADY) return
    this.isTold = false
    this.log.info('the hosts of the pool share orders through Redis again')
  }

  bad (why, now) {
    this.row = 0
    if (this.isTold || now - this.lastGood < PATIENCE) return
    this.isTold = true
    this.log.warn(`orders are not shared with the pool's other hosts, and this host goes on by itself: ${why}`)
  }
}

module.exports = Outage
