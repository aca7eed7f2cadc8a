'use strict'

const Feed = require('./feed')
const Gate = require('./gate')
const History = require('./history')
const Listener = require('./listener')
const Picture = require('./picture')
const createRoutes = require('./routes')
const Server = require('./server')

/** @typedef {import('../source/contract').Part} Part */

/** Milliseconds between two looks at what no change tells: heights, latencies, ages. */
const LOOK_EVERY = 2000

/**
 * The status page of one MultiDaemon, and the endpoints beside it, until it is stopped. It keeps no process alive.
 *
 * What is sent to those who look on is made once for all of them, and only while somebody looks on.
 * @implements {Part}
 */
class StatusServer {
  constructor (multiDaemon, { host, port, password, say, figures, retryEvery, longest }) {
    this.multiDaemon = multiDaemon
    this.history = new History(multiDaemon.getStatus())
    this.picture = new Picture(multiDaemon, { takesOrders: Boolean(password), figures })
    this.feed = new Feed(this.picture, this.history)
    this.server = new Server(new Gate(password), createRoutes(multiDaemon, this.feed, say), { longest, say })
    this.listener = new Listener(this.server.http, { host, port, guarded: Boolean(password), say, retryEvery })
    this.timer = setInterval(() => this.look(), LOOK_EVERY)
    this.timer.unref()
  }

  /** Resolves with the page's address once it listens, which it may never do. */
  get listening () {
    return this.listener.listening
  }

  hear (changes) {
    this.feed.refresh(this.history.note(changes))
  }

  look () {
    const status = this.multiDaemon.getStatus()
    this.history.watch(status.daemons)
    if (this.picture.look(status)) this.feed.refresh(false)
  }

  stop () {
    clearInterval(this.timer)
    this.feed.stop()
    this.listener.stop()
    this.server.stop()
  }
}

/**
 * Serves the status page of a MultiDaemon.
 * @param {object} multiDaemon
 * @param {object} options
 * @param {number} options.port  0 takes any free one
 * @param {string} [options.host]
 * @param {string} [options.password]
 * @param {(severity: 'info' | 'warn', text: string) => void} [options.say]  hears where it listens, and why it does not
 * @param {() => (import('../source/contract').Figures | null)} [options.figures]  what native code counts
 * @param {number} [options.retryEvery]  milliseconds between two tries to get the port
 * @param {number} [options.longest]  milliseconds that one request may take
 */
function createStatusServer (multiDaemon, { port, host = '127.0.0.1', password, say = () => {}, figures = () => null, retryEvery = 10000, longest = 15000 }) {
  return new StatusServer(multiDaemon, { host, port, password, say, figures, retryEvery, longest })
}

module.exports = createStatusServer
