'use strict'

const cluster = require('cluster')

const { blockOf } = require('../config')

const message = require('./message')

/** The process that polls tells its workers: at every change, and at every interval so that they know it is alive. */
class Leader {
  constructor (multiDaemon, config) {
    this.multiDaemon = multiDaemon
    this.source = `${process.pid}-${Date.now()}`
    this.onMessage = (worker, text) => this.answer(worker, text)
    this.onOnline = worker => send(worker, this.state([]))
    cluster.on('message', this.onMessage)
    cluster.on('online', this.onOnline)
    this.timer = setInterval(() => this.broadcast([]), intervalOf(config))
    this.timer.unref()
    message.remember(this.source, multiDaemon.getStatus())
    stopWith(multiDaemon, () => this.stop())
  }

  tell (changes) {
    // The variable first, then those who listen: a worker that is forked by a listener knows the new state.
    if (changes.some(isLasting)) message.remember(this.source, this.multiDaemon.getStatus())
    this.broadcast(changes)
  }

  broadcast (changes) {
    const workers = Object.keys(cluster.workers || {}).map(id => cluster.workers[id])
    if (workers.length === 0) return
    const state = this.state(changes)
    for (const worker of workers) send(worker, state)
  }

  answer (worker, text) {
    if (!message.isOurs(text)) return
    if (text.kind === 'suspect' && typeof text.host === 'string' && Number.isInteger(text.port)) {
      this.multiDaemon._source.suspect(text.host, text.port)
    }
    if (text.kind === 'refresh') {
      this.multiDaemon.refresh().then(status => send(worker, message.refreshed(text.request, status)))
    }
  }

  state (changes) {
    return message.state(this.source, this.multiDaemon.getStatus(), changes)
  }

  stop () {
    clearInterval(this.timer)
    cluster.removeListener('message', this.onMessage)
    cluster.removeListener('online', this.onOnline)
    message.forget()
  }
}

/** A worker that is just going down cannot be told, and need not be. */
function send (worker, text) {
  if (worker && worker.isConnected()) worker.send(text, ignore)
}

function ignore () {}

/** Whether a change is worth leaving for workers to come. */
function isLasting (change) {
  return change.event === 'switch' || change.event === 'daemon' || change.event === 'mode' || change.event === 'hold'
}

function intervalOf (config) {
  const { pollingInterval } = blockOf(config)
  return pollingInterval || 5000
}

function stopWith (multiDaemon, also) {
  const stop = multiDaemon.stop
  multiDaemon.stop = function () {
    also()
    return stop.call(multiDaemon)
  }
}

module.exports = Leader
