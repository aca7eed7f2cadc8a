'use strict'

const LONGEST = 1500

/** An operator's hand, which drains and pins daemons, good ones and bad ones, and takes it back after a while. */
class Hand {
  #timers = new Set()

  constructor (multiDaemon, daemons) {
    Object.assign(this, { multiDaemon, daemons, orders: 0 })
  }

  drain (dice) {
    const { host, port } = dice.oneOf(this.daemons)
    this.#order(() => this.multiDaemon.drain(host, port))
    this.#later(() => this.multiDaemon.undrain(host, port), dice)
  }

  pin (dice) {
    const { host, port } = dice.oneOf(this.daemons)
    this.#order(() => this.multiDaemon.pin(host, port, dice.between(50, LONGEST)))
    if (dice.chance(0.3)) this.#later(() => this.multiDaemon.unpin(), dice)
  }

  /** As if nobody had touched anything. */
  release () {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const { host, port } of this.daemons) this.#order(() => this.multiDaemon.undrain(host, port))
    this.#order(() => this.multiDaemon.unpin())
  }

  #later (order, dice) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#order(order)
    }, dice.between(50, LONGEST))
    this.#timers.add(timer)
  }

  #order (order) {
    this.orders++
    try {
      order()
    } catch (error) {
      // A worker that has just lost its master is told so.
      if (error.code !== 'ERR_MULTI_DAEMON_NO_MASTER') throw error
    }
  }
}

module.exports = { Hand }
