'use strict'

const { EventEmitter } = require('events')

const { isEnabled } = require('./config')
const Idle = require('./idle')

/**
 * Tells a pool which daemon to use.
 *
 * Where it knows that from is its source: a watch over native code, a follower of another process, or `Idle` while the
 * feature is off. A source has a generation, a number that moves after every switch, so that a request costs two property
 * reads while nothing happens.
 */
class MultiDaemon extends EventEmitter {
  constructor (config, sourceOf = chooseSource) {
    super()
    this._work = 0
    this._head = null
    this._tap = null
    this._onStop = null
    this._source = sourceOf(config, this)
    this._hold = this._source.status().hold
    this._daemon = undefined
    this._rebase()
    this._lookUpDaemon()
  }

  get ready () {
    return this._source.ready()
  }

  get work () {
    return this._work
  }

  get hold () {
    return this._hold
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
    if (this._onStop) this._onStop()
    return this._source.stop()
  }

  /** The source counts by another number from now on. */
  _rebase () {
    this._generation = this._source.generation
    this._seen = NaN
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

  /** Takes changes that the source reports: first the own state, then whoever taps, then listeners. */
  _hear (changes) {
    for (const change of changes) this._note(change)
    if (this._tap) this._tap(changes)
    this._announce(changes, 0)
  }

  /** Counts what makes earlier block templates worthless, and remembers what is read often. */
  _note (change) {
    if (change.event === 'switch') this._work++
    if (change.event === 'hold') this._hold = change.hold
    if (change.event === 'block') this._noteHead(change.head)
  }

  /** A head that has not grown is another block: what was built on the one before is lost. */
  _noteHead (head) {
    const before = this._head
    this._head = head
    if (before && head.hash !== before.hash && head.height <= before.height) this._work++
  }

  _announce (changes, index) {
    if (index === changes.length) return
    try {
      this._emit(changes[index])
    } finally {
      // Also when a listener throws: the error is the process's to handle, as with any emitter, but loses no other change.
      this._announce(changes, index + 1)
    }
  }

  _emit (change) {
    switch (change.event) {
      case 'switch': return this.emit('switch', Object.assign({}, change.switch, { to: this._frozen(change.switch.to) }))
      case 'daemon': return this.emit('daemon', change.daemon, change.before)
      case 'mode': return this.emit('mode', change.mode, change.status)
      case 'hold': return this.emit('hold', change.hold, change.status)
      case 'block': return this.emit('block', change.head)
    }
  }

  /** The very object that getDaemon() gives, where it is the same daemon. */
  _frozen (daemon) {
    const current = this.getDaemon()
    return current.host === daemon.host && current.port === daemon.port ? current : Object.freeze(daemon)
  }
}

function chooseSource (config, owner) {
  if (!isEnabled(config)) return new Idle(config)
  // Loaded only here: a pool without the feature must not load native code.
  const Watch = require('./watch')
  return new Watch(config, owner)
}

module.exports = MultiDaemon
