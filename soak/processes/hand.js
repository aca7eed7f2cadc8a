'use strict'

const { configOf } = require('../settings')

const LONGEST = 1500

/**
 * An operator's hand, which drains and pins daemons, good ones and bad ones, and takes some out of the configuration, and
 * takes it back after a while.
 */
class Hand {
  #timers = new Set()

  /** Without `options`, those that the instance was made with, its configuration is another process's. */
  constructor (multiDaemon, daemons, options) {
    Object.assign(this, { multiDaemon, daemons, options })
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

  /** The primary stays, with some of the others, in another order. */
  reconfigure (dice) {
    const [primary, ...others] = this.daemons
    const some = dice.some(others, 1 + dice.below(others.length))
    this.#order(() => this.multiDaemon.reconfigure(configOf([primary, ...some], this.options)))
    this.#later(() => this.#restore(), dice)
  }

  /** As if nobody had touched anything. */
  release () {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    if (this.options) this.#restore()
    for (const { host, port } of this.daemons) this.#order(() => this.multiDaemon.undrain(host, port))
    this.#order(() => this.multiDaemon.unpin())
  }

  #restore () {
    this.#order(() => this.multiDaemon.reconfigure(configOf(this.daemons, this.options)))
  }

  #later (order, dice) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#order(order)
    }, dice.between(50, LONGEST))
    this.#timers.add(timer)
  }

  #order (order) {
    try {
      order()
    } catch (error) {
      if (!EXPECTED.includes(error.code)) throw error
    }
  }
}

/** A worker that has just lost its master is told so, and so is who means a daemon that was just taken out. */
const EXPECTED = ['ERR_MULTI_DAEMON_NO_MASTER', 'ERR_MULTI_DAEMON_ARGUMENT']

module.exports = { Hand }
