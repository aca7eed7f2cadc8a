'use strict'

const { blockOf, primaryOf } = require('../config')
const Waiting = require('../waiting')

const message = require('./message')

const TOLD_WITH_STATUS = ['mode', 'hold']
/** So many intervals without a word, and the master is taken for gone. */
const SILENT_INTERVALS = 3

/**
 * The source of a cluster worker: what the master says. It loads no native code, unless the master says nothing; then it
 * polls for itself until the master speaks again.
 */
class Follower {
  constructor (config, owner, log) {
    Object.assign(this, { config, owner, log, own: null, stopped: false, generation: [0], shared: true })
    this.firstRound = new Waiting()
    this.refreshes = new Map()
    this.requests = 0
    this.interval = intervalOf(config)
    this.heard = Date.now()
    this.onMessage = text => this.hear(text)
    process.on('message', this.onMessage)
    this.timer = setInterval(() => this.listen(), this.interval)
    this.timer.unref()
    this.start(message.recall())
  }

  /** Whether this process judges the daemons by itself. */
  get decides () {
    return this.own !== null
  }

  current () {
    return this.own ? this.own.current() : this.state.current
  }

  status () {
    return this.own ? this.own.status() : JSON.parse(JSON.stringify(this.state))
  }

  ready () {
    this.firstRound.hold(this)
    return this.firstRound.promise
  }

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

  suspect (host, port) {
    if (this.own) this.own.suspect(host, port)
    else if (!this.stopped) this.tell(message.suspect(host, port))
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

  /** What the master left is the state until it speaks; if it left nothing, no master is attached. */
  start (left) {
    this.masterId = left ? left.source : null
    this.state = left ? left.status : stateWithPrimary(this.config)
    if (left === null) this.log.once('what the master left in the environment cannot be read, and is ignored')
    if (!left) this.pollForItself('no master told this worker anything')
  }

  hear (text) {
    if (!message.isOurs(text)) return
    this.heard = Date.now()
    if (text.kind === 'refreshed') return this.endRefresh(text)
    if (text.kind !== 'state' || !message.isState(text)) {
      return this.log.once('a message of the master cannot be read, and is ignored')
    }
    this.take(text)
  }

  /** The master's word always counts; an older epoch of the same master is a message that was overtaken. */
  take ({ source, status, changes }) {
    if (source === this.masterId && status.epoch < this.state.epoch) return
    const before = this.current()
    this.masterId = source
    this.state = status
    this.pollNoLonger()
    const news = changes.map(change => TOLD_WITH_STATUS.includes(change.event) ? Object.assign({}, change, { status }) : change)
    if (!isSame(before, status.current)) this.moved(news, before)
    if (status.polls > 0) this.firstRound.end(status)
    this.owner._hear(news)
  }

  /** Another daemon than before: listeners hear of it also when the message that told was missed. */
  moved (news, before) {
    this.generation[0]++
    if (news.some(change => change.event === 'switch')) return
    const last = this.state.switches[this.state.switches.length - 1]
    if (last && isSame(last.to, this.state.current)) news.push({ event: 'switch', switch: Object.assign({}, last, { from: before }) })
  }

  listen () {
    if (this.own || this.stopped) return
    const now = Date.now()
    // A worker that was itself blocked has messages waiting: it reads them first.
    const blocked = now - (this.listened || now) > 2 * this.interval
    this.listened = now
    if (blocked) return
    if (now - this.heard > SILENT_INTERVALS * this.interval) this.pollForItself('the master is silent')
  }

  pollForItself (why) {
    try {
      const Watch = require('../watch')
      this.own = new Watch(this.config, this.owner, text => this.log.warn(text))
    } catch (error) {
      this.log.once(`${why}, and this worker cannot poll for itself: ${error.message}`)
      return
    }
    this.log.info(`${why}: this worker polls for itself`)
    this.own.firstRound.promise.then(status => this.firstRound.end(status))
    this.generation = this.own.generation
    this.shared = this.own.shared
    this.rebase()
  }

  pollNoLonger () {
    if (!this.own) return
    this.own.stop()
    this.own = null
    this.generation = [0]
    this.shared = true
    this.log.info('following the master')
    this.rebase()
  }

  /** While the owner is being made it looks for itself. */
  rebase () {
    if (this.owner._source) this.owner._rebase()
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

function stateWithPrimary (config) {
  const primary = primaryOf(config)
  return {
    enabled: true,
    mode: 'single',
    quorum: false,
    hold: false,
    epoch: 0,
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

function intervalOf (config) {
  const { pollingInterval } = blockOf(config)
  return Number.isFinite(pollingInterval) && pollingInterval >= 10 ? pollingInterval : 5000
}

function isSame (one, other) {
  return one.host === other.host && one.port === other.port && one.tls === other.tls
}

module.exports = Follower
