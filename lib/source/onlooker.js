'use strict'

const { withGateway } = require('../config')
const Native = require('./native')

/** The source of somebody who looks on, whether the pool runs or not: what listens and what posts is the pool's. */
class Onlooker extends Native {
  constructor (config, ear, say) {
    super(config, ear, say)
    this.decides = false
  }

  /** What is wrong about the pool's gateway is a mistake all the same. */
  check (config) {
    super.check(config)
    return super.check(withGateway(config, false))
  }
}

module.exports = Onlooker
