'use strict'

const http = require('http')
const https = require('https')

const { timeoutOf } = require('../config')

/**
 * Ends requests of the pool's own that a daemon will never answer.
 *
 * The pools set no time limit, and ask again only in the reply's callback: one daemon that hangs stops them for as long as
 * it hangs, whatever `config.daemon` says by then. They send through Node's global agents, where their requests are found.
 */
class HungRequests {
  constructor (multiDaemon, config) {
    this.multiDaemon = multiDaemon
    /** When each request was first seen. */
    this.seen = new WeakMap()
    this.suspected = new WeakSet()
    this.limit(config)
  }

  /** Goes on with the time limit of another configuration. */
  limit (config) {
    this.timeout = timeoutOf(config)
    clearInterval(this.timer)
    this.timer = setInterval(() => this.look(), Math.min(Math.max(this.timeout / 8, 25), 250))
    this.timer.unref()
  }

  /** A daemon has just been found unresponsive: there is nothing to wait for. */
  hear (changes) {
    const found = changes.filter(({ event, daemon }) => event === 'daemon' && daemon.state === 'unresponsive')
    if (found.length === 0) return
    found.forEach(({ daemon }) => endIdleSockets(daemon))
    this.look()
  }

  stop () {
    clearInterval(this.timer)
  }

  look () {
    const now = Date.now()
    const overdue = pending().filter(request => this.age(request, now) > this.timeout)
    if (overdue.length === 0) return
    for (const daemon of this.multiDaemon.getStatus().daemons) {
      const requests = overdue.filter(request => request.isTo(daemon))
      if (requests.length > 0) this.judge(daemon, requests)
    }
  }

  judge (daemon, requests) {
    if (daemon.state === 'unresponsive') {
      endIdleSockets(daemon)
      const { host: address, port } = daemon
      const why = `no answer from ${address}:${port} within ${this.timeout} ms`
      // The pools log errors as JSON, which leaves out the message: what Node tells of a refused connection is told here too.
      for (const request of requests) request.end(Object.assign(new Error(why), { code: 'ERR_MULTI_DAEMON_HUNG', address, port }))
      return
    }
    const fresh = requests.filter(({ message }) => !this.suspected.has(message))
    for (const { message } of fresh) this.suspected.add(message)
    if (fresh.length > 0) this.multiDaemon._source.suspect(daemon.host, daemon.port)
  }

  age ({ message }, now) {
    if (!this.seen.has(message)) this.seen.set(message, now)
    return now - this.seen.get(message)
  }
}

/** Every request under way or in a queue on the global agents. */
function pending () {
  const found = []
  for (const agent of [http.globalAgent, https.globalAgent]) {
    for (const name of Object.keys(agent.requests)) {
      for (const message of agent.requests[name]) found.push(new Queued(name, message, agent))
    }
    for (const name of Object.keys(agent.sockets)) {
      for (const socket of agent.sockets[name]) {
        const message = socket._httpMessage
        if (message && !isAnswered(message)) found.push(new UnderWay(name, message, socket))
      }
    }
  }
  return found
}

/** Its connection may stay for a while after that. */
function isAnswered ({ res }) {
  return Boolean(res && res.complete)
}

/** Connections kept for later requests lead nowhere either. */
function endIdleSockets (daemon) {
  for (const agent of [http.globalAgent, https.globalAgent]) {
    for (const name of Object.keys(agent.freeSockets)) {
      if (isTo(name, daemon)) agent.freeSockets[name].slice().forEach(socket => socket.destroy())
    }
  }
}

/** A request that has no connection yet. */
class Queued {
  constructor (name, message, agent) {
    Object.assign(this, { name, message, agent })
  }

  isTo (daemon) {
    return isTo(this.name, daemon)
  }

  /** Out of the queue, nothing will ever touch it again, so the error is told by hand: on no version does Node. */
  end (error) {
    const queue = this.agent.requests[this.name] || []
    const place = queue.indexOf(this.message)
    // The callback of another request may have moved it; then it has a connection, and is found there the next time.
    if (place === -1) return
    queue.splice(place, 1)
    if (queue.length === 0) delete this.agent.requests[this.name]
    this.message.emit('error', error)
  }
}

/** A request that has a connection: being made, waiting for the reply, or with a part of it. */
class UnderWay {
  constructor (name, message, socket) {
    Object.assign(this, { name, message, socket })
  }

  isTo (daemon) {
    return isTo(this.name, daemon)
  }

  end (error) {
    const reply = this.message.res
    if (!reply) {
      this.socket.destroy(error)
      return
    }
    // With a part of the reply there, an error calls the pool back twice on Node 10 and 12, and not at all from 14 on. What
    // calls back once everywhere is an end of the reply, which is then half a JSON text. Nobody else may get the connection
    // in the middle of a reply, and what still comes may not reach a reply that has ended: that would be an error of its own.
    this.message.shouldKeepAlive = false
    this.socket.removeAllListeners('data')
    reply.push(null)
    setImmediate(() => this.socket.destroy())
  }
}

/** The agents name connections `host:port:` and more. */
function isTo (name, { host, port }) {
  return name.startsWith(`${host}:${port}:`)
}

module.exports = HungRequests
