'use strict'

/** The types know it as a module of newer Node.js only. @type {import('cluster').Cluster} */
const cluster = /** @type {any} */ (require('cluster'))

const { blockOf, pollingIntervalOf } = require('../config')
const { partsOf } = require('../parts')
const message = require('../source/message')

const Processes = require('./processes')

/** @typedef {import('../source/contract').Part} Part */

let begun = 0

/**
 * The process that polls tells its workers: at every change, and at every interval so that they know it is alive.
 * @implements {Part}
 */
class Leader {
  constructor (multiDaemon, config, log) {
    this.multiDaemon = multiDaemon
    this.log = log
    this.interval = pollingIntervalOf(config)
    this.processes = new Processes()
    this.begin()
    this.onMessage = (worker, text) => this.take(worker, text)
    this.onOnline = worker => this.welcome(worker)
    cluster.on('message', this.onMessage)
    cluster.on('online', this.onOnline)
    this.tellEvery(this.interval)
    message.remember(this.state())
  }

  /** Epochs compare within one source: whoever starts to count anew is another one. */
  begin () {
    begun++
    this.source = `${process.pid}-${Date.now()}-${begun}`
    this.watched = partsOf(this.multiDaemon).source
  }

  /** Goes on with another configuration; switched off, it still has to tell that it is there. */
  reconfigured (config) {
    if (partsOf(this.multiDaemon).source !== this.watched) this.begin()
    if (blockOf(config)) this.interval = pollingIntervalOf(config)
    clearInterval(this.timer)
    this.tellEvery(this.interval)
    message.remember(this.state())
    this.broadcast()
  }

  tellEvery (interval) {
    this.timer = setInterval(() => this.broadcast(), interval)
    this.timer.unref()
  }

  hear (changes) {
    // The variable first, then those who listen: a worker that is forked by a listener knows the new state.
    if (changes.some(isLasting)) message.remember(this.state())
    if (changes.some(isForWorkers)) this.broadcast()
  }

  describe (status) {
    status.processes = this.processes.list()
  }

  /** The gateway ends with it: until the workers notice the silence and poll for themselves, they ask the daemon itself. */
  stop () {
    clearInterval(this.timer)
    cluster.removeListener('message', this.onMessage)
    cluster.removeListener('online', this.onOnline)
    message.forget()
    const state = this.state()
    this.broadcast(Object.assign({}, state, { status: Object.assign({}, state.status, { gateway: null }) }))
  }

  welcome (worker) {
    this.processes.see(worker)
    send(worker, message.state(this.state()))
  }

  broadcast (state = null) {
    const workers = Object.keys(cluster.workers || {}).map(id => cluster.workers[id])
    if (workers.length === 0) return
    const text = message.state(state || this.state())
    for (const worker of workers) send(worker, text)
  }

  take (worker, text) {
    if (!message.isOurs(text)) return
    if (message.isRefresh(text)) return this.refresh(worker, text.request)
    if (message.isAttached(text)) return this.processes.note(worker, text)
    const order = orderIn(text)
    if (order) return this.obey(order)
    this.log.once('a message from a worker cannot be read and is ignored')
  }

  /** What the worker knows of the daemons may be out of date. */
  obey (order) {
    try {
      order(this.multiDaemon)
    } catch (error) {
      this.log.warn(`the master did not carry out an order from a worker: ${error.message}`)
    }
  }

  refresh (worker, request) {
    this.multiDaemon.refresh().then(status => send(worker, message.refreshed(request, status)))
  }

  state () {
    const { source, interval, multiDaemon } = this
    return { source, interval, ready: partsOf(multiDaemon).source.isReady(), status: multiDaemon.getStatus() }
  }
}

/** What a message orders to do with a MultiDaemon, if it does. */
function orderIn (text) {
  const { host, port } = text
  if (message.isDrain(text)) return it => text.drained ? it.drain(host, port) : it.undrain(host, port)
  if (message.isPin(text)) return it => it.pin(host, port, text.milliseconds)
  if (message.isUnpin(text)) return it => it.unpin()
  return null
}

/** A worker that is just going down cannot be told, and need not be. */
function send (worker, text) {
  if (worker && worker.isConnected()) worker.send(text, ignore)
}

function ignore () {}

/** Whether a change is worth leaving for workers to come. */
function isLasting ({ event }) {
  return event === 'switch' || event === 'daemon' || event === 'mode' || event === 'hold' || event === 'gateway'
}

function isForWorkers (change) {
  return isLasting(change) || FOR_WORKERS.includes(change.event)
}

const FOR_WORKERS = ['block', 'ready', 'drain', 'pin', 'submitted', 'lost']

module.exports = Leader
