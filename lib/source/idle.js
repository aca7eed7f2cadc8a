'use strict'

const { primaryOf } = require('../config')
const { withPrimary } = require('./blank')

/** The source while the feature is off: always the primary, and nothing runs. */
class Idle {
  constructor (config) {
    this.primary = primaryOf(config)
    this.epoch = Date.now()
    /** What led here, if the feature was on before. */
    this.switches = []
    this.generation = [0]
    this.shared = true
    /** Whether there is anything that an operator could order about. */
    this.watches = false
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
