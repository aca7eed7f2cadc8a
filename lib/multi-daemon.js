'use strict'

const { EventEmitter } = require('events')

const { isEnabled } = require('./config')
const { Parts, attempt } = require('./parts')
const createRpc = require('./rpc')
const differences = require('./source/differences')
const Idle = require('./source/idle')
const orders = require('./source/orders')
const metrics = require('./status/metrics')

/**
 * Tells a pool which daemon to use.
 *
 * Where it knows that from is its source (source/contract.js): native code, a follower of another process, or `Idle` while the
 * feature is off. A source has a generation, a number that moves after every switch, so that a request costs two property
 * reads while nothing happens. What else hangs on to it is in its parts (parts.js).
 */
class MultiDaemon extends EventEmitter {
  /**
   * @param {import('./source/contract').PoolConfig} config
   * @param {(config: import('./source/contract').PoolConfig, ear: import('./source/contract').Ear) => import('./source/contract').Source} [sourceOf]
   */
  constructor (config, sourceOf = chooseSource) {
    super()
    this._work = 0
    this._head = null
    // A member, since sources may hold it weakly.
    this._ear = { hear: changes => this._hear(changes), rebase: () => this._rebase() }
    this._sourceOf = config => sourceOf(config, this._ear)
    this._source = this._sourceOf(config)
    this._hold = this._source.holds()
    // Also first assigns what getDaemon() reads: what has never been anything else is read without a look at what it is.
    this._rebase()
    this._lookUpDaemon()
    this._parts = new Parts(this, () => this._source)
    this._parts.equip(config)
    // An own property, since pools pass it on as a value.
    this.rpc = createRpc(() => this._source.gateway() || this.getDaemon(), () => this._source.stopped)
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
    const status = this._source.status()
    this._parts.describe(status)
    return status
  }

  metrics () {
    return metrics(this.getStatus(), this._source.figures())
  }

  refresh () {
    return this._source.refresh()
  }

  drain (host, port) {
    orders.drain(this._source, host, port, true)
    this._parts.ordered({ order: 'drain', host, port })
  }

  undrain (host, port) {
    orders.drain(this._source, host, port, false)
    this._parts.ordered({ order: 'undrain', host, port })
  }

  pin (host, port, milliseconds) {
    orders.pin(this._source, host, port, milliseconds)
    this._parts.ordered({ order: 'pin', host, port, milliseconds })
  }

  unpin () {
    orders.unpin(this._source)
    this._parts.ordered({ order: 'unpin' })
  }

  reconfigure (config) {
    const source = orders.reconfigure(this._source, config, this._sourceOf)
    if (source !== this._source) this._replace(source)
    this._parts.equip(config)
    this._parts.reconfigured(config)
  }

  stop () {
    this._parts.stop()
    return this._source.stop()
  }

  /** What serves the status page here, if anything does: for those who look at a running pool with a debugger. */
  get _page () {
    return this._parts.page
  }

  /** Knows from another source from now on. */
  _replace (source) {
    const before = this._source.status()
    this._source.stop()
    this._source = source
    this._rebase()
    const changes = differences(before, source.status(), RECONFIGURED)
    source.inherit(changes.filter(({ event }) => event === 'switch').map(change => change.switch))
    this._hear(changes)
  }

  /** The source counts by another number from now on. */
  _rebase () {
    this._generation = this._source.generation
    this._seen = NEVER
  }

  _lookUpDaemon () {
    // Read first: a switch in between then costs one more look, and never a stale answer.
    const generation = this._generation[0]
    const { host, port, tls } = this._source.current()
    const known = this._daemon
    if (!known || known.host !== host || known.port !== port || known.tls !== tls) {
      this._daemon = Object.freeze({ host, port, tls })
    }
    // Where memory is not shared the generation never moves, so every call has to look.
    this._seen = this._source.shared ? generation : NEVER
  }

  /** Takes changes that the source reports: first the own state, then the parts, then listeners. What fails in one is lost to no other. */
  _hear (changes) {
    for (const change of changes) this._note(change)
    this._parts.hear(changes)
    this._announce(changes)
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

  _announce (changes) {
    for (const change of changes) {
      if (this._source.stopped) return
      this._emit(change)
    }
  }

  _emit (change) {
    switch (change.event) {
      case 'switch': return this._tell('switch', Object.assign({}, change.switch, { to: this._frozen(change.switch.to) }))
      case 'daemon': return this._tell('daemon', change.daemon, change.before)
      case 'mode': return this._tell('mode', change.mode, change.status)
      case 'hold': return this._tell('hold', change.hold, change.status)
      case 'block': return this._tell('block', change.head)
      case 'submitted': return this._tell('submitted', change.block)
      case 'lost': return this._tell('lost', change.block)
    }
  }

  /** As emit() does, but a listener that throws keeps no other from hearing. */
  _tell (event, ...args) {
    for (const listener of this.rawListeners(event)) attempt(() => listener.apply(this, args))
  }

  /** The very object that getDaemon() gives, where it is the same daemon. */
  _frozen (daemon) {
    const current = this.getDaemon()
    return current.host === daemon.host && current.port === daemon.port ? current : Object.freeze(daemon)
  }
}

/** No generation is negative. A small whole number, like the generation, so that comparing the two is cheap. */
const NEVER = -1

function chooseSource (config, ear) {
  if (!isEnabled(config)) return new Idle(config)
  // Loaded only here: a pool without the feature must not load native code. And all of it before anything runs.
  require('./equipment')
  const Native = require('./source/native')
  return new Native(config, ear)
}

/** Why a pool is elsewhere when the feature was switched on or off. */
const RECONFIGURED = { code: 'reconfigured', reason: 'The configuration was replaced.' }

module.exports = MultiDaemon
