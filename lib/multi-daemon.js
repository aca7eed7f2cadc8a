'use strict'

const { EventEmitter } = require('events')

const { isEnabled } = require('./config')
const Idle = require('./idle')

/**
 * Tells a pool which daemon to use.
 *
 * Where it knows that from is its source: a watch over native code, or `Idle` while the feature is off. A source has a
 * generation, a number that moves after every switch, so that a request costs two property reads while nothing happens.
 */
class MultiDaemon extends EventEmitter {
  constructor (config) {
    super()
    this._source = isEnabled(config) ? watch(config, this) : new Idle(config)
    this._generation = this._source.generation
    this._seen = NaN
    this._daemon = undefined
    this._lookUpDaemon()
  }

  get ready () {
    return this._source.ready()
  }

  getDaemon () {
    if (this._generation[0] !== this._seen) this._lookUpDaemon()
    return this._daemon
  }

  getStatus () {
    return this._source.status()
  }

  refresh () {
    return this._source.refresh()
  }

  stop () {
    return this._source.stop()
  }

  _lookUpDaemon () {
    // Read first: a switch in between then costs one more look, and never a stale answer.
    const generation = this._generation[0]
    const { host, port, tls } = this._source.current()
    const known = this._daemon
    if (!known || known.host !== host || known.port !== port || known.tls !== tls) {
      this._daemon = Object.freeze({ host, port, tls })
    }
    // Where memory is not shared the generation never moves, and NaN makes every call look.
    this._seen = this._source.shared ? generation : NaN
  }

  /** Emits one change that the source reported. */
  _announce (change) {
    switch (change.event) {
      case 'switch': return this.emit('switch', Object.assign(change.switch, { to: this._frozen(change.switch.to) }))
      case 'daemon': return this.emit('daemon', change.daemon, change.before)
      case 'mode': return this.emit('mode', change.mode, change.status)
      case 'hold': return this.emit('hold', change.hold, change.status)
      case 'block': return this.emit('block', change.head)
      case 'warning': return process.emitWarning(change.text, 'MultiDaemonWarning')
    }
  }

  /** The very object that getDaemon() gives, where it is the same daemon. */
  _frozen (daemon) {
    const current = this.getDaemon()
    return current.host === daemon.host && current.port === daemon.port ? current : Object.freeze(daemon)
  }
}

/** Loaded only here: a pool without the feature must not load native code. */
function watch (config, owner) {
  const Watch = require('./watch')
  return new Watch(config, owner)
}

module.exports = MultiDaemon
