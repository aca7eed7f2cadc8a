'use strict'

const clock = require('../clock')
const { pollingIntervalOf, primaryOf } = require('../config')

const { withPrimary } = require('./blank')
const differences = require('./differences')
const message = require('./message')
const { OrderError } = require('./orders')
const Waiting = require('./waiting')

/** @typedef {import('./contract').Source} Source */

/** So many intervals without a word, and the master is taken for gone. */
const SILENT_INTERVALS = 3

/**
 * The source of a cluster worker: what the master says. It loads no native code, unless the master says nothing; then it
 * polls for itself until the master speaks again.
 * @implements {Source}
 */
class Follower {
  /**
   * `watch` makes the source of a worker that polls for itself, or throws. `missing` names what was asked for, and only a master has.
   * @param {import('./contract').PoolConfig} config
   * @param {import('./contract').Ear} ear
   * @param {import('../attach/log')} log
   * @param {(config: import('./contract').PoolConfig, ear: import('./contract').Ear) => import('./contract').Source} watch
   * @param {string[]} [missing]
   */
  constructor (config, ear, log, watch, missing = []) {
    this.config = config
    this.ear = ear
    this.log = log
    this.watch = watch
    this.missing = missing
    this.own = null
    this.decides = false
    this.stopped = false
    this.watches = true
    this.generation = [0]
    this.shared = true
    this.say = (severity, text) => log.line(severity, text)
    const left = message.recall()
    this.masterId = left ? left.source : null
    /** Whether there is one: what it left may have come to other processes than its workers. */
    this.hasMaster = false
    this.state = left ? left.status : withPrimary(primaryOf(config), true, 0)
    this.firstRound = new Waiting()
    this.refreshes = new Map()
    this.requests = 0
    this.onMessage = text => this.hear(text)
    process.on('message', this.onMessage)
    this.introduce()
    // The master's configuration counts; this worker's own is for one that was told nothing.
    this.listenEvery(left ? left.interval : pollingIntervalOf(config))
    if (left === null) log.once('what the master left in the environment cannot be read and is ignored')
    if (!left) this.pollForItself(NOBODY)
  }

  current () {
    return this.decides ? this.own.current() : this.state.current
  }

  status () {
    return this.decides ? this.own.status() : copyOf(this.state)
  }

  holds () {
    return this.decides ? this.own.holds() : this.state.hold
  }

  /** Its own also before it decides, where no master has told of another one: who waits there has a better answer than the primary's. */
  gateway () {
    return this.own && (this.decides || !this.state.gateway) ? this.own.gateway() : this.state.gateway
  }

  isBusy () {
    return this.own !== null && this.own.isBusy()
  }

  isSubmitting () {
    return this.own !== null && this.own.isSubmitting()
  }

  /** Tells the master that this worker has attached. Somebody else's master would not know what to do with it. */
  introduce () {
    if (this.masterId === null || this.stopped || !process.connected) return
    const { workerType } = process.env
    process.send(message.attached(workerType ? workerType.slice(0, message.LONGEST_ROLE) : null), () => {})
  }

  /** Those are the master's. */
  figures () {
    return this.decides ? this.own.figures() : null
  }

  isReady () {
    return this.firstRound.ended
  }

  ready () {
    this.firstRound.hold(this)
    return this.firstRound.promise
  }

  /** The switches are those of the master, or its own. */
  inherit () {}

  refresh () {
    if (this.stopped) return Promise.resolve(this.status())
    if (this.own) return this.own.refresh()
    const request = ++this.requests
    const waiting = new Waiting()
    waiting.hold(this)
    this.refreshes.set(request, waiting)
    this.tell(message.refresh(request))
    return waiting.promise
  }

  drain (daemon, drained) {
    if (this.own) this.own.drain(daemon, drained)
    else this.order(message.drain(daemon, drained))
  }

  pin (daemon, milliseconds) {
    if (this.own) this.own.pin(daemon, milliseconds)
    else this.order(message.pin(daemon, milliseconds))
  }

  unpin () {
    if (this.own) this.own.unpin()
    else this.order(message.unpin())
  }

  stop () {
    if (!this.stopped) {
      this.stopped = true
      clearInterval(this.timer)
      process.removeListener('message', this.onMessage)
      this.endWaiting()
    }
    return this.own ? this.own.stop() : Promise.resolve()
  }

  hear (text) {
    if (!message.isOurs(text)) return
    if (message.isState(text)) return this.take(text)
    if (message.isRefreshed(text)) return this.endRefresh(text)
    this.log.once('a message from the master cannot be read and is ignored')
  }

  /** The master's word always counts; an older epoch of the same master is a message that was overtaken. */
  take ({ source, interval, ready, status }) {
    if (source === this.masterId && status.epoch < this.state.epoch) return
    const before = this.decides ? this.status() : this.state
    this.heard = clock.now()
    this.hasMaster = true
    this.masterId = source
    this.state = status
    this.listenEvery(interval)
    this.pollNoLonger()
    this.generation[0]++
    this.tellEar(before, 'following the master')
    if (ready) this.firstRound.end(this.status())
  }

  listenEvery (interval) {
    if (interval === this.interval) return
    clearInterval(this.timer)
    this.interval = interval
    this.heard = this.listened = clock.now()
    this.timer = setInterval(() => this.listen(), interval)
    this.timer.unref()
  }

  listen () {
    if (this.own) return
    const now = clock.now()
    // A worker that was itself blocked has messages waiting: it reads them first.
    const blocked = now - this.listened > 2 * this.interval
    this.listened = now
    if (blocked) return
    if (now - this.heard > SILENT_INTERVALS * this.interval) this.pollForItself(this.masterId === null ? NOBODY : 'the master is silent')
  }

  /** Until its first round has ended, what the master said last is better than nothing. */
  pollForItself (why) {
    this.tellMissing(why)
    // Native code holds it weakly: somebody has to keep it.
    this.ownEar = { hear: changes => this.hearOwn(changes, why), rebase () {} }
    try {
      this.own = this.watch(this.config, this.ownEar)
    } catch (error) {
      this.log.once(`${why}, and this worker cannot poll for itself, so it uses the primary of its configuration: ${error.message}`, 'error')
      this.endWaiting()
    }
  }

  /** Each worker would serve the same page at one port, and post the same again. */
  tellMissing (why) {
    if (this.hasMaster || this.missing.length === 0) return
    this.log.once(`${why}, so there is no ${this.missing.join(', no ')}: these need a process that decides for all, and this worker decides for itself (in pm2's cluster mode no process decides for all; in its fork mode one does)`)
  }

  hearOwn (changes, why) {
    if (this.decides) return this.ear.hear(changes)
    const ready = changes.find(({ event }) => event === 'ready')
    if (!this.own || !ready) return
    const { mode } = this.status()
    this.decide(why)
    // Where the mode is another one than before, that has been told.
    if (ready.status.mode === mode) this.ear.hear([ready])
  }

  decide (why) {
    const before = this.state
    this.decides = true
    this.log.info(`${why}: this worker polls for itself`)
    this.countBy(this.own)
    this.tellEar(before, `${why}: this worker polls for itself`)
    this.endWaiting()
  }

  pollNoLonger () {
    if (!this.own) return
    this.own.stop()
    this.own = null
    if (!this.decides) return
    this.decides = false
    this.log.info('following the master again')
    this.countBy({ generation: [0], shared: true })
  }

  countBy ({ generation, shared }) {
    this.generation = generation
    this.shared = shared
    this.ear.rebase()
  }

  tellEar (before, why) {
    const changes = differences(before, this.decides ? this.status() : this.state, { code: 'start', reason: why })
    if (changes.length > 0) this.ear.hear(changes)
  }

  /**
   * Whether a configuration is good only the one who judges can tell, and that is not for workers to decide.
   * @returns {never}
   */
  reconfigure () {
    const where = this.hasMaster || (this.masterId !== null && !this.own) ? 'only the master may replace the configuration; call reconfigure() there' : 'without a master the configuration cannot be replaced; restart the worker'
    throw new OrderError('WORKER', `reconfigure: in a cluster worker ${where}`)
  }

  /** The master carries it out, and tells all its workers what has come of it. */
  order (text) {
    if (!process.connected) throw new OrderError('NO_MASTER', `${text.kind}: this worker has lost its master`)
    this.tell(text)
  }

  tell (text) {
    if (process.connected) process.send(text, () => {})
    else this.endWaiting()
  }

  endRefresh ({ request, status }) {
    const waiting = this.refreshes.get(request)
    this.refreshes.delete(request)
    if (waiting) waiting.end(status)
  }

  endWaiting () {
    const status = this.status()
    this.firstRound.end(status)
    for (const waiting of this.refreshes.values()) waiting.end(status)
    this.refreshes.clear()
  }
}

const NOBODY = 'this worker got no message from a master'

function copyOf (state) {
  return JSON.parse(JSON.stringify(state))
}

module.exports = Follower
