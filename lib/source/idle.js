'use strict'

const { primaryOf } = require('../config')
const { withPrimary } = require('./blank')
const { orderWhileOff } = require('./orders')

/** @typedef {import('./contract').Source} Source */

/**
 * The source while the feature is off: always the primary, and nothing runs.
 * @implements {Source}
 */
class Idle {
  constructor (config) {
    this.primary = primaryOf(config)
    this.epoch = Date.now()
    /** What led here, if the feature was on before. */
    this.switches = /** @type {import('../..').SwitchEvent[]} */ ([])
    this.generation = [0]
    this.shared = true
    this.watches = false
    this.decides = false
    this.stopped = false
  }

  current () {
    return this.primary
  }

  holds () {
    return false
  }

  gateway () {
    return null
  }

  isBusy () {
    return false
  }

  isSubmitting () {
    return false
  }

  say () {}

  inherit (switches) {
    this.switches.push(...switches)
  }

  drain () {
    throw orderWhileOff('drain')
  }

  pin () {
    throw orderWhileOff('pin')
  }

  unpin () {
    throw orderWhileOff('unpin')
  }

  isReady () {
    return true
  }

  ready () {
    return Promise.resolve(this.status())
  }

  refresh () {
    return Promise.resolve(this.status())
  }

  /** The source that has the configuration from now on: another one, whatever it says. */
  reconfigure (config, sourceOf) {
    return sourceOf(config)
  }

  stop () {
    this.stopped = true
    return Promise.resolve()
  }

  figures () {
    return null
  }

  status () {
    return Object.assign(withPrimary(this.primary, false, this.epoch), { switches: this.switches.slice() })
  }
}

module.exports = Idle
