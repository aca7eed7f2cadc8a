'use strict'

const { OrderError } = require('../source/orders')

/** Throws where these options of attach() cannot be used with this configuration. */
function refuseWrongSharing ({ redis, host }, { coin }) {
  // A pool that shares nothing loads nothing for it.
  if (host !== undefined && !require('./identity').isName(host)) throw new OrderError('ARGUMENT', 'attach: options.host is no name of up to 64 letters, digits, dots, colons and dashes')
  if (redis === undefined || redis === null) return
  if (!require('./client').isClient(redis)) throw new OrderError('ARGUMENT', 'attach: options.redis is no client of Redis (redis or ioredis)')
  if (typeof coin !== 'string' || coin === '') throw new OrderError('ARGUMENT', 'attach: options.redis needs the member coin of the configuration, which begins all of the pool\'s keys')
}

/** What shares with other hosts; null where that was not asked for. */
function createHosts (multiDaemon, options, { config, log }) {
  if (!('redis' in options)) return null
  const { redis, host } = options
  if (redis === undefined || redis === null) {
    log.warn('nothing is shared with other hosts: options.redis is empty; attach after the pool has made its client of Redis')
    return null
  }
  const Hosts = require('.')
  return new Hosts(multiDaemon, { redis, host, coin: config.coin, log })
}

module.exports = { createHosts, refuseWrongSharing }
