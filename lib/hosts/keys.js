'use strict'

const { nameOf } = require('../name')

const { isLoopback } = require('./identity')
const { PLACES } = require('./roster')

/** The keys that hosts of one pool share, all under the prefix that the pool has for its own. */
class Keys {
  /** `machine` tells whose loopback addresses are meant. */
  constructor (coin, machine) {
    this.prefix = `${coin}:multiDaemon:`
    this.machine = machine
    this.pin = `${this.prefix}pin`
    this.places = Array.from({ length: PLACES }, (_, place) => `${this.prefix}host:${place}`)
  }

  /** 127.0.0.1 is another daemon on each machine: such a daemon's orders stay there. */
  drain (daemon) {
    return `${this.prefix}drain:${isLoopback(daemon.host) ? `${this.machine}:` : ''}${nameOf(daemon)}`
  }

  /** Where there may be an order for a host with these daemons: each key, its kind, and the daemon that it is about. */
  orders (daemons) {
    /** @type {Map<string, { kind: string, host?: string, port?: number }>} */
    const keys = new Map([[this.pin, { kind: 'pin' }]])
    for (const { host, port } of daemons) keys.set(this.drain({ host, port }), { kind: 'drain', host, port })
    return keys
  }
}

module.exports = Keys
