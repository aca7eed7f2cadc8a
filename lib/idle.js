'use strict'

const { primaryOf } = require('./config')
const { withPrimary } = require('./snapshot')

/** The source while the feature is off: always the primary, and nothing runs. */
class Idle {
  constructor (config) {
    this.primary = primaryOf(config)
    this.epoch = Date.now()
    this.generation = [0]
    this.shared = true
    /** Whether there is anything that an operator could order about. */
    this.watches = false
    this.stopped = false
  }

  current () {
    return this.primary
  }

  ready () {
    return Promise.resolve(this.status())
  }

  refresh () {
    return Promise.resolve(this.status())
  }

  stop () {
    this.stopped = true
    return Promise.resolve()
  }

  suspect () {}

  figures () {
    return null
  }

  status () {
    return withPrimary(this.primary, false, this.epoch)
  }
}

module.exports = Idle
