'use strict'

const { EventEmitter } = require('node:events')
const { sha256 } = require('./block')
const { ChainView } = require('./chain-view')
const { dialectNamed } = require('./dialects')
const { Exchange } = require('./exchange')
const faults = require('./faults')
const { SUBMISSIONS, TEMPLATES } = require('./habits')
const { Intake } = require('./intake')
const { LoopbackServer } = require('./server')
const { Tally } = require('./tally')

/**
 * @typedef {object} DaemonOptions
 * @property {string} [dialect]  'turtlecoin-0.28.3', 'turtlecoin-1.0', 'turtlecoin-legacy' or 'monerod'
 * @property {string} [host]  an address of this machine
 * @property {number} [port]  0 takes any free one
 * @property {number} [incoming]  connections from peers
 * @property {number} [outgoing]  connections to peers
 * @property {boolean} [restricted]  monerod only: hides its connections
 * @property {number} [connectionLimit]  connections from one address at a time; further ones it ends at once. monerod since 0.18.4: 3 from
 * a public address, 25 from a private one
 * @property {number} [addTime]  milliseconds that adding a block takes; see IntakeOptions
 * @property {number} [firstAddTime]  of the first block after a start
 * @property {boolean} [refusesKnown]  answers -7 to a block that it has already, as Conceal's daemon does, and monerod where the block has transactions
 * @property {boolean} [countsFromOne]  TurtleCoinds only: the first block is number 1 in getblockheaderbyheight, as in some forks of the old daemons
 * @property {boolean} [needsSync]  its dialect's own, unless it is to be as TurtleCoind 0.22 and 0.23, which needed none for templates and blocks
 * @property {'doubled' | 'broken'} [damage]  what a block that is stored twice does to it: one hash at two heights, or errors instead of headers
 */

/**
 * One daemon of a simulated network, with an HTTP server of its own.
 * Events: 'request' (exchange), before it is answered; 'damage' (block), which its database has twice from then on.
 */
class SimDaemon extends EventEmitter {
  #server
  #intake
  #tally = new Tally()
  #fault = null
  /** Faults of single methods, by name. */
  #habits = new Map()
  #syncing = null
  #recovered

  /**
   * Use SimNetwork.addDaemon.
   * @param {import('./network').SimNetwork} network
   * @param {import('./block').Block} tip
   * @param {DaemonOptions} [options]
   */
  constructor (network, tip, { dialect = 'turtlecoin-0.28.3', host, port, incoming = 12, outgoing = 8, connectionLimit, ...options } = {}) {
    super()
    this.setMaxListeners(0)
    this.network = network
    this.dialect = dialectNamed(dialect)
    this.chain = new ChainView(tip, network.random)
    this.#setOptions(options)
    /** All its connections. */
    this.peers = { incoming, outgoing }
    /** Simulated daemons among them, each connected in both directions. @type {SimDaemon[]} */
    this.siblings = []
    /** The number by which its peers know it. */
    this.peerId = sha256(`peer ${network.daemons.length}`).slice(0, 16)
    /** The heights at which its network changes the rules, and the last of them that its software supports; null is its dialect's own. */
    this.upgrades = null
    /** A monerod whose words it gives as its own, until it is synchronized itself. @type {SimDaemon | null} */
    this.bootstrap = null
    this.startTime = Math.floor(Date.now() / 1000)
    /** Header calls answer "Core is busy", as of a daemon that is not synced. */
    this.isBusy = false
    /** Blobs that a pool has submitted, the refused ones too. */
    this.submitted = []
    this.#server = new LoopbackServer({ host, port, connectionLimit })
    this.#server.on('request', (request, response, body) => this.#receive(new Exchange(this, request, response, body)))
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

  /** Connections that it has ended at once because of its `connectionLimit`. */
  get turnedAway () {
    return this.#server.turnedAway
  }

  /** Connections from one address that may be open at a time. */
  set connectionLimit (limit) {
    this.#server.connectionLimit = limit
  }

  get connectionLimit () {
    return this.#server.connectionLimit
  }

  /** Whether it has stored a block twice. No restart mends that. */
  get damaged () {
    return this.chain.damaged
  }

  /** Hashes of the blocks that it is adding now. */
  get adding () {
    return this.#intake.adding
  }

  /** Whether it has been synchronized since its start, and does not say that it is busy. */
  get isReady () {
    return this.chain.heard && !this.isBusy
  }

  async start () {
    await this.#server.start()
  }

  /** Ends like a process: the port refuses, open connections end, a block that it is adding is lost, others pass it by. */
  async crash () {
    clearTimeout(this.#syncing)
    this.#intake.restart()
    await this.#server.stop()
  }

  /**
   * Ends as TurtleCoind does when it is told to: its port refuses at once, and it waits for its clients to close their connections.
   * Resolves when it has ended.
   */
  async terminate () {
    clearTimeout(this.#syncing)
    await this.#server.drain()
    this.#intake.restart()
  }

  /** Dies of SIGKILL, by which TurtleCoind loses the block that it has stored last as well. */
  async kill () {
    await this.crash()
    this.chain.loseLast()
  }

  /**
   * Comes back on the same port, and takes what its partition has mined meanwhile.
   * @param {{ syncTime?: number }} [options]  milliseconds until it has found a peer; before, it knows nothing of the network
   */
  async restart ({ syncTime = 0 } = {}) {
    this.chain.forget()
    this.startTime = Math.floor(Date.now() / 1000)
    await this.#server.start()
    if (syncTime === 0) this.network.sync(this)
    else this.#syncing = setTimeout(() => this.network.sync(this), syncTime).unref()
  }

  /** For good. */
  async close () {
    await this.crash()
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

  /**
   * What it gives instead of good templates, while all polls are good: 'slow' (milliseconds), 'cached' (milliseconds),
   * 'empty', 'without blob', 'nothing', and the shapes of NO_TEMPLATES in shapes.js.
   * @param {string} [kind]  without one, good templates again
   * @param {unknown} [value]
   */
  giveTemplates (kind, value) {
    this.#setHabit('getblocktemplate', TEMPLATES, kind, value)
  }

  /**
   * What becomes of blocks that are submitted: 'lost', 'late' (milliseconds), 'slow' (milliseconds), 'result' (any), 'body' (any),
   * and the shapes of NO_VERDICTS in shapes.js, of which 'lie' says that the block was taken.
   * @param {string} [kind]  without one, they are taken again
   * @param {unknown} [value]
   */
  takeBlocks (kind, value) {
    this.#setHabit('submitblock', SUBMISSIONS, kind, value)
  }

  /**
   * A monerod that has just begun to sync by itself, and gives another one's words meanwhile.
   * @param {SimDaemon | null} other  null: it is synchronized
   * @param {{ height?: number }} [options]  how many blocks it has by itself
   */
  bootstrapFrom (other, { height = 1 } = {}) {
    this.bootstrap = other
    if (other) this.chain.begin(height)
    else this.thaw()
  }

  /** A peer has told it a network height so many blocks above its own; it keeps that until it is restarted. */
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

  /** All is well again, whatever was wrong (a damaged database and a poisoned network height stay, as in a real daemon). */
  async recover () {
    this.behave(null)
    this.giveTemplates()
    this.takeBlocks()
    this.busy(false)
    this.lag(0)
    this.chain.honest()
    this.bootstrapFrom(null)
    if (this.down) await this.restart()
  }

  /** How many requests had this path or JSON-RPC method; without one, all of them. */
  count (key) {
    return this.#tally.of(key)
  }

  /** How many requests of each path and JSON-RPC method. @returns {Record<string, number>} */
  counts () {
    return this.#tally.all()
  }

  /**
   * Resolves when so many further requests with this path or JSON-RPC method (any at all without one) have arrived.
   * @param {string} [key]
   * @param {{ times?: number, timeout?: number }} [options]
   * @returns {Promise<void>}
   */
  seen (key, { times = 1, timeout = 10000 } = {}) {
    return this.#tally.further(key, { times, timeout, name: this.address })
  }

  /** A block from a peer. A daemon that is down misses it. @param {import('./block').Block} block */
  offer (block) {
    if (!this.down) this.#intake.offer(block)
  }

  /**
   * A block from a pool, which spreads if its chain has more work than any other here.
   * @param {string} blob
   * @param {import('./blob').Said} said
   * @returns {Promise<import('./intake').Outcome>} not before it is added
   */
  submit (blob, said) {
    this.submitted.push(blob)
    return this.#intake.submit(said)
  }

  /** @param {DaemonOptions} options */
  #setOptions ({ restricted = false, refusesKnown = false, countsFromOne = false, needsSync = this.dialect.needsSync, damage = 'doubled', addTime, firstAddTime }) {
    this.restricted = restricted
    this.refusesKnown = refusesKnown
    this.countsFromOne = countsFromOne
    this.needsSync = needsSync
    this.damage = damage
    const blockOf = (parent, said) => this.network.minedBlock(parent, said)
    this.#intake = new Intake(this.chain, blockOf, { addTime, firstAddTime, hasLock: this.dialect.hasLock })
    this.#intake.on('lead', block => this.network.announce(block, this))
    this.#intake.on('damage', block => this.emit('damage', block))
  }

  #setHabit (method, habits, kind, value) {
    if (kind === undefined) return this.#habits.delete(method)
    if (!Object.hasOwn(habits, kind)) throw new TypeError(`no '${kind}'; there are ${Object.keys(habits).join(', ')}`)
    this.#habits.set(method, habits[kind](value))
  }

  #awaitRecovery () {
    if (this.#recovered) this.#recovered()
    /** Resolves when it answers truly again. */
    this.recovery = new Promise(resolve => { this.#recovered = resolve })
  }

  async #receive (exchange) {
    this.#tally.add(exchange.key)
    this.emit('request', exchange)
    const fault = this.#fault || this.#habits.get(exchange.method)
    if (fault) await fault(exchange)
    else await exchange.send()
  }
}

module.exports = { SimDaemon }
