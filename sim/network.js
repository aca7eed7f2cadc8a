'use strict'

const { Block } = require('./block')
const { SimDaemon } = require('./daemon')
const { seededRandom } = require('./random')

/**
 * @typedef {object} NetworkOptions
 * @property {number} [seed]  the same seed and the same steps give the same hashes
 * @property {string} [genesis]  another name is another network
 * @property {number} [height]  height of the chain at the start
 * @property {number} [difficulty]  of every block
 * @property {number} [blockTime]  milliseconds between two blocks of startMining(), and between those of the start
 * @property {number} [jitter]  0 to 1: the share by which the time of a mined block varies either way
 * @property {number} [propagation]  milliseconds in which a block reaches the other daemons once it has been added
 * @property {number} [addTime]  of its daemons that have none of their own, see DaemonOptions
 * @property {number} [firstAddTime]  likewise
 */

/**
 * One part of the network in which every block reaches everybody. Its tip belongs to the rest of the world as well: it
 * goes on while all simulated daemons in it are down.
 * @typedef {{ tip: Block, members: Set<SimDaemon> }} Partition
 */

/** A simulated CryptoNote network: one chain with its branches, and the daemons on it, all in this process. */
class SimNetwork {
  /** @type {Partition[]} */
  #partitions
  #miner = null
  /** Blocks of pools, by hash and height: the same block is one object, whichever daemons are given it. */
  #mined = new Map()
  /** Timers of the blocks that are on their way. */
  #onTheWay = new Set()

  /** @param {NetworkOptions} [options] */
  constructor ({ seed = 1, genesis = 'turtle', height = 1000, difficulty = 1000000, blockTime = 30000, ...options } = {}) {
    const { jitter = 0, propagation = 0, addTime, firstAddTime } = options
    this.difficulty = difficulty
    this.blockTime = blockTime
    this.jitter = jitter
    this.propagation = propagation
    /** What its daemons are made with, unless they are told otherwise. */
    this.defaults = { addTime, firstAddTime }
    this.random = seededRandom(seed)
    /** @type {SimDaemon[]} */
    this.daemons = []
    this.genesis = Block.genesis(genesis)
    this.#partitions = [{ tip: this.#history(height), members: new Set() }]
  }

  /**
   * A network whose daemons answer already.
   * @param {number | object[]} daemons  how many, or the options of each
   * @param {NetworkOptions} [options]
   * @returns {Promise<SimNetwork>}
   */
  static async start (daemons, options) {
    const network = new SimNetwork(options)
    const wanted = typeof daemons === 'number' ? Array.from({ length: daemons }, () => ({})) : daemons
    for (const each of wanted) await network.addDaemon(each)
    return network
  }

  /** The tip of the partition with the most daemons in it; of the first of them in a tie. */
  get tip () {
    return this.#main().tip
  }

  /** How many daemons have stored a block twice. */
  get damaged () {
    return this.daemons.filter(daemon => daemon.damaged).length
  }

  /** @param {import('./daemon').DaemonOptions} [options] @returns {Promise<SimDaemon>} a daemon that answers already */
  async addDaemon (options) {
    const main = this.#main()
    const daemon = new SimDaemon(this, main.tip, { ...this.defaults, ...options })
    main.members.add(daemon)
    this.daemons.push(daemon)
    await daemon.start()
    return daemon
  }

  /**
   * Mines blocks. Without `on`, each partition mines its own; with `on`, one branch that only those daemons see, until
   * heal() or gossip(): they need not be cut off from the others for that. Where blocks take their time, daemons have
   * them later.
   * @param {number} [count]
   * @param {{ on?: SimDaemon | SimDaemon[] }} [options]
   * @returns {Block} the new tip (of the main partition, when every one has mined)
   */
  mine (count = 1, { on } = {}) {
    if (on) return this.#mineOn([].concat(on), count)
    for (const partition of this.#partitions) this.#publish(partition, this.#extend(partition.tip, count))
    return this.tip
  }

  /**
   * Cuts the network into sides that no longer see one another's blocks. Daemons that are not named stay together.
   * @param {...(SimDaemon | SimDaemon[])} sides
   */
  partition (...sides) {
    for (const side of sides) {
      const members = new Set([].concat(side))
      const tip = best([...members].map(daemon => this.#of(daemon).tip))
      for (const { members: others } of this.#partitions) for (const daemon of members) others.delete(daemon)
      this.#partitions.push({ tip, members })
    }
    this.#partitions = this.#partitions.filter(({ members }) => members.size > 0)
  }

  /** Joins everything again: the chain with the most work wins, the others reorganise to it. */
  heal () {
    const tip = best([...this.#partitions.map(partition => partition.tip), ...this.daemons.map(daemon => daemon.chain.best)])
    this.#partitions = [{ tip, members: new Set(this.daemons) }]
    this.gossip()
  }

  /** Every daemon tells its partition what it has; only blocks mined with `on` are news by then. */
  gossip () {
    for (const partition of this.#partitions) {
      this.#publish(partition, best([partition.tip, ...[...partition.members].map(daemon => daemon.chain.best)]))
    }
  }

  /** A block from outside (or from a pool, through a daemon) spreads in that daemon's partition. */
  announce (block, daemon) {
    this.#publish(this.#of(daemon), block)
  }

  /** Brings one daemon up to its partition's tip. */
  sync (daemon) {
    daemon.offer(this.#of(daemon).tip)
  }

  /** Makes daemons known to nobody but one another: their connections become those among themselves. */
  isolate (daemons = this.daemons) {
    for (const daemon of daemons) {
      const others = daemons.filter(other => other !== daemon)
      daemon.setPeers({ incoming: others.length, outgoing: others.length }, others)
    }
  }

  /** A block in every partition each `blockTime`, until stopMining() or close(). */
  startMining (blockTime = this.blockTime) {
    this.stopMining()
    const next = () => {
      const factor = 1 + this.jitter * (2 * this.random() - 1)
      // Servers keep a process alive while there is anything to see; the timer alone must not.
      this.#miner = setTimeout(() => { this.mine(); next() }, blockTime * factor).unref()
    }
    next()
  }

  stopMining () {
    clearTimeout(this.#miner)
    this.#miner = null
  }

  /** Ends everything; nothing stays open. */
  async close () {
    this.stopMining()
    for (const timer of this.#onTheWay) clearTimeout(timer)
    await Promise.all(this.daemons.map(daemon => daemon.close()))
  }

  /** A block that nobody has yet. */
  nextBlock (parent, timestamp = Math.floor(Date.now() / 1000)) {
    return Block.on(parent, { nonce: Math.floor(this.random() * 2 ** 32), timestamp, difficulty: this.difficulty })
  }

  /** The block that a pool's bytes say. @param {Block} parent @param {import('./blob').Said} said @returns {Block} */
  minedBlock (parent, { hash, nonce, timestamp }) {
    const key = `${hash} ${parent.height}`
    if (!this.#mined.has(key)) this.#mined.set(key, Block.on(parent, { hash, nonce, timestamp, difficulty: this.difficulty }))
    return this.#mined.get(key)
  }

  #main () {
    return this.#partitions.reduce((main, each) => each.members.size > main.members.size ? each : main)
  }

  #of (daemon) {
    return this.#partitions.find(({ members }) => members.has(daemon))
  }

  #history (height) {
    const now = Date.now() / 1000
    let tip = this.genesis
    while (tip.height < height) {
      const age = (height - tip.height - 1) * this.blockTime / 1000
      tip = this.nextBlock(tip, Math.floor(now - age))
    }
    return tip
  }

  #extend (tip, count) {
    for (let mined = 0; mined < count; mined++) tip = this.nextBlock(tip)
    return tip
  }

  #mineOn (daemons, count) {
    const tip = this.#extend(best(daemons.map(daemon => daemon.chain.best)), count)
    for (const daemon of daemons) daemon.offer(tip)
    for (const partition of this.#partitions) {
      // A whole partition that knows the block leaves nobody who would not.
      if ([...partition.members].every(member => daemons.includes(member))) this.#publish(partition, tip)
    }
    return tip
  }

  #publish (partition, tip) {
    partition.tip = best([partition.tip, tip])
    for (const daemon of partition.members) this.#send(daemon, partition.tip)
  }

  /** A block on its way arrives even where its sender has been cut off meanwhile. */
  #send (daemon, block) {
    if (this.propagation <= 0) return daemon.offer(block)
    const timer = setTimeout(() => {
      this.#onTheWay.delete(timer)
      daemon.offer(block)
    }, this.propagation).unref()
    this.#onTheWay.add(timer)
  }
}

/** The block with the most work; the first of equals. */
function best (blocks) {
  return blocks.reduce((most, block) => block.work > most.work ? block : most)
}

module.exports = { SimNetwork }
