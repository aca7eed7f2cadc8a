'use strict'

const { EventEmitter } = require('node:events')
const { sha256 } = require('./block')
const { ChainView } = require('./chain-view')
const { dialectNamed } = require('./dialects')
const { Exchange } = require('./exchange')
const faults = require('./faults')
const { LoopbackServer } = require('./server')

/**
 * @typedef {object} DaemonOptions
 * @property {string} [dialect]  'turtlecoin-0.28.3', 'turtlecoin-1.0', 'turtlecoin-legacy' or 'monerod'
 * @property {string} [host]  an address of this machine
 * @property {number} [port]  0 takes any free one
 * @property {number} [incoming]  connections from peers
 * @property {number} [outgoing]  connections to peers
 * @property {boolean} [restricted]  monerod only: hides its connections
 */

/**
 * One daemon of a simulated network, with an HTTP server of its own.
 * Event: 'request' (exchange), before it is answered.
 */
class SimDaemon extends EventEmitter {
  #server
  #counts = new Map()
  #fault = null
  #recovered

  /**
   * Use SimNetwork.addDaemon.
   * @param {import('./network').SimNetwork} network
   * @param {import('./block').Block} tip
   * @param {DaemonOptions} [options]
   */
  constructor (network, tip, { dialect = 'turtlecoin-0.28.3', host, port, incoming = 12, outgoing = 8, restricted = false } = {}) {
    super()
    this.setMaxListeners(0)
    this.network = network
    this.dialect = dialectNamed(dialect)
    this.chain = new ChainView(tip, network.random)
    /** All its connections. */
    this.peers = { incoming, outgoing }
    /** Simulated daemons among them, each connected in both directions. @type {SimDaemon[]} */
    this.siblings = []
    /** The number by which its peers know it. */
    this.peerId = sha256(`peer ${network.daemons.length}`).slice(0, 16)
    /** The heights at which its network changes the rules, and the last of them that its software supports; null is its dialect's own. */
    this.upgrades = null
    this.restricted = restricted
    this.startTime = Math.floor(Date.now() / 1000)
    /** Header calls answer "Core is busy", as of a daemon that is not synced. */
    this.isBusy = false
    /** Blobs that a pool has submitted, the refused ones too. */
    this.submitted = []
    this.#server = new LoopbackServer({ host, port })
    this.#server.on('request', (...request) => this.#receive(new Exchange(this, ...request)))
    this.#awaitRecovery()
  }

  get host () {
    return this.#server.host
  }

  get port () {
    return this.#server.port
  }

  /** 'host:port' */
  get address () {
    return `${this.host}:${this.port}`
  }

  /** Refuses connections. */
  get down () {
    return !this.#server.listening
  }

  /** The block it tells as its top. */
  get tip () {
    return this.chain.tip
  }

  /** Connections that are open now. */
  get connections () {
    return this.#server.connections
  }

  /** All connections that were ever accepted. */
  get accepted () {
    return this.#server.accepted
  }

  async start () {
    await this.#server.start()
  }

  /** Dies like a killed process: the port refuses, open connections end, blocks pass it by. */
  async crash () {
    await this.#server.stop()
  }

  /** Comes back on the same port, and takes what its partition has mined meanwhile. */
  async restart () {
    await this.#server.start()
    this.network.sync(this)
  }

  /** For good. */
  async close () {
    await this.#server.stop()
  }

  /** Answers every request through a fault (see faults.js) until recover(); null answers truly again. @param {faults.Fault | null} fault */
  behave (fault) {
    this.#fault = fault
    if (!fault) this.#awaitRecovery()
  }

  /** Accepts and never answers. Its chain goes on. */
  hang () {
    this.behave(faults.hang)
  }

  /** Answers, but its chain stands still, and so does its network height unless that is `rising`. */
  freeze ({ networkHeight = 'still' } = {}) {
    this.chain.freeze(networkHeight)
  }

  /** Follows its partition again. */
  thaw () {
    this.chain.thaw()
    this.network.sync(this)
  }

  /** Stays so many blocks behind what it would know otherwise; 0 ends it. */
  lag (blocks) {
    this.chain.lag(blocks)
  }

  /** Tells an invented top block, far above all others, whose blocks nobody knows. */
  lie (blocks = 1000000) {
    this.chain.lie(blocks)
  }

  /** A peer has told it a network height so many blocks above its own; it keeps that for good. */
  poison (blocks = 1000000) {
    this.chain.claim(this.chain.count + blocks)
  }

  /** Answers header calls with "Core is busy". */
  busy (isBusy = true) {
    this.isBusy = isBusy
  }

  /**
   * @param {{ incoming?: number, outgoing?: number }} counts  of all its connections
   * @param {SimDaemon[]} [siblings]  those among them that are simulated, each connected in both directions
   */
  setPeers (counts, siblings = this.siblings) {
    Object.assign(this.peers, counts)
    this.siblings = siblings
  }

  /** @param {{ heights: number[], supported: number }} upgrades  of the network, and the last of them that its software supports */
  setUpgrades (upgrades) {
    this.upgrades = upgrades
  }

  /** All is well again, whatever was wrong (a poisoned network height stays, as in a real daemon). */
  async recover () {
    this.behave(null)
    this.busy(false)
    this.lag(0)
    this.chain.honest()
    this.thaw()
    if (this.down) await this.restart()
  }

  /** How many requests had this path or JSON-RPC method; without one, all of them. */
  count (key) {
    if (key !== undefined) return this.#counts.get(key) || 0
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** How many requests of each path and JSON-RPC method. @returns {Record<string, number>} */
  counts () {
    return Object.fromEntries(this.#counts)
  }

  /**
   * Resolves when so many further requests with this path or JSON-RPC method (any at all without one) have arrived.
   * @param {string} [key]
   * @param {{ times?: number, timeout?: number }} [options]
   * @returns {Promise<void>}
   */
  seen (key, { times = 1, timeout = 10000 } = {}) {
    return new Promise((resolve, reject) => {
      let left = times
      const end = (settle, value) => {
        clearTimeout(timer)
        this.off('request', count)
        settle(value)
      }
      const count = exchange => {
        if ((key === undefined || exchange.key === key) && --left === 0) end(resolve)
      }
      const late = () => end(reject, new Error(`${this.address} has not seen ${key || 'a request'} ${times} times within ${timeout} ms`))
      const timer = setTimeout(late, timeout)
      this.on('request', count)
    })
  }

  /** A block from a peer. A daemon that is down misses it. @param {import('./block').Block} block */
  offer (block) {
    if (!this.down) this.chain.offer(block)
  }

  /**
   * A block from a pool, which spreads if it extends the tip. A block that is there already is accepted again.
   * @param {string} blob
   * @param {string} hash
   * @param {string} prevHash
   * @returns {boolean} whether it is accepted
   */
  submit (blob, hash, prevHash) {
    this.submitted.push(blob)
    if (this.chain.byHash(hash)) return true
    const parent = this.chain.byHash(prevHash)
    if (!parent) return false
    const block = this.network.nextBlock(parent, { hash })
    if (parent === this.chain.best) this.network.announce(block, this)
    else this.chain.abandoned.push(block)
    return true
  }

  #awaitRecovery () {
    if (this.#recovered) this.#recovered()
    /** Resolves when it answers truly again. */
    this.recovery = new Promise(resolve => { this.#recovered = resolve })
  }

  async #receive (exchange) {
    this.#counts.set(exchange.key, this.count(exchange.key) + 1)
    this.emit('request', exchange)
    if (this.#fault) await this.#fault(exchange)
    else exchange.send()
  }
}

module.exports = { SimDaemon }
