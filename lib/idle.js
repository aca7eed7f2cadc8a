'use strict'

const { primaryOf } = require('./config')

/** The source while the feature is off: always the primary, and nothing runs. */
class Idle {
  constructor (config) {
    this.primary = primaryOf(config)
    this.epoch = Date.now()
    this.generation = [0]
    this.shared = true
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

  status () {
    const { primary, epoch } = this
    return {
      enabled: false,
      mode: 'single',
      quorum: false,
      hold: false,
      epoch,
      current: primary,
      primary,
      head: null,
      healthy: 0,
      daemons: [],
      switches: [],
      polls: 0,
      warnings: []
    }
  }
}

module.exports = Idle
