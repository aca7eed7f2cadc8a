'use strict'

const { withGateway } = require('../config')
const Watch = require('./native')

/** The source of somebody who looks on, whether the pool runs or not: what listens and what posts is the pool's. */
class Onlooker extends Watch {
  constructor (config, owner, say) {
    super(config, owner, say)
    this.decides = false
  }

  /** What is wrong about the pool's gateway is a mistake all the same. */
  check (config) {
    super.check(config)
    return super.check(withGateway(config, false))
  }
}

module.exports = Onlooker
