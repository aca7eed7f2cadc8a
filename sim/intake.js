'use strict'

const { EventEmitter } = require('node:events')
const { Lane } = require('./lane')

/**
 * How a block from a pool ended: 'added', 'known' to the daemon before, an 'orphan' on a block that it does not know, or
 * 'invalid'.
 * @typedef {'added' | 'known' | 'orphan' | 'invalid'} Outcome
 *
 * @typedef {object} IntakeOptions
 * @property {number} [addTime]  milliseconds that checking and storing a block take; a real daemon's tens, or a second at a large one
 * @property {number} [firstAddTime]  of the first block after a start: measured on TurtleCoind 0.28.3, 700
 * @property {boolean} [hasLock]  whether a block from a pool waits for those from peers, as in monerod. In TurtleCoind 0.22 to
 * 0.28.3 it waits for other pools' only: both look whether the block is new before they check it, and store it after
 */

/**
 * How one daemon comes to its blocks, which takes time.
 * Events: 'lead' (block), a block from a pool that its peers have to know; 'damage' (block), which is stored twice now.
 */
class Intake extends EventEmitter {
  #fromPeers = new Lane()
  #fromPools
  #isWarm = false
  /** Blocks that are being added, by hash. */
  #adding = []

  /**
   * @param {import('./chain-view').ChainView} chain
   * @param {(parent: import('./block').Block, said: import('./blob').Said) => import('./block').Block} blockOf
   * @param {IntakeOptions} [options]
   */
  constructor (chain, blockOf, { addTime = 0, firstAddTime = addTime, hasLock = true } = {}) {
    super()
    this.chain = chain
    this.blockOf = blockOf
    this.addTime = addTime
    this.firstAddTime = firstAddTime
    this.#fromPools = hasLock ? this.#fromPeers : new Lane()
  }

  /** Hashes of the blocks that are being added now. */
  get adding () {
    return [...this.#adding]
  }

  /** A block from a peer, who gives those below it as well where they are missing. @param {import('./block').Block} block */
  offer (block) {
    if (this.chain.takesNone || this.#time === 0) return this.chain.offer(block)
    this.chain.hear(block)
    for (const each of this.#missing(block)) this.#add(this.#fromPeers, each.hash, () => this.chain.has(each), () => this.#store(each))
  }

  /**
   * A block from a pool.
   * @param {import('./blob').Said} said
   * @returns {Promise<Outcome>} never settled if the daemon dies meanwhile
   */
  submit (said) {
    return new Promise(resolve => {
      let verdict
      const isOver = () => {
        verdict = this.#verdict(said)
        return verdict.outcome !== 'added'
      }
      this.#add(this.#fromPools, said.hash, isOver, () => this.#storeMined(verdict.block), () => resolve(verdict.outcome))
    })
  }

  /** Leaves what is under way, and is as slow again as after a start. */
  restart () {
    for (const lane of [this.#fromPeers, this.#fromPools]) lane.clear()
    this.#adding = []
    this.#isWarm = false
  }

  get #time () {
    return this.#isWarm ? this.addTime : this.firstAddTime
  }

  #missing (block) {
    const missing = []
    for (; block && !this.chain.has(block); block = block.parent) missing.unshift(block)
    return missing
  }

  #add (lane, hash, isOver, store, done = () => {}) {
    let over
    lane.add({
      begin: () => {
        over = isOver()
        if (over) return 0
        this.#adding.push(hash)
        return this.#time
      },
      end: () => {
        if (!over) this.#finish(hash, store)
        done()
      }
    })
  }

  #finish (hash, store) {
    this.#adding.splice(this.#adding.indexOf(hash), 1)
    this.#isWarm = true
    store()
  }

  /** What would become of a block if it were added now. */
  #verdict (said) {
    if (this.chain.byHash(said.hash)) return { outcome: 'known' }
    const parent = this.chain.find(said.prevHash)
    if (!parent) return { outcome: 'orphan' }
    if (said.height !== parent.height + 1) return { outcome: 'invalid' }
    return { outcome: 'added', block: this.blockOf(parent, said) }
  }

  #store (block) {
    if (this.chain.has(block)) this.#damage(block)
    else this.chain.offer(block)
  }

  #storeMined (block) {
    if (this.chain.has(block)) this.#damage(block)
    else if (this.chain.add(block) && !this.chain.damaged) this.emit('lead', block)
  }

  /** It was new when it was looked at, and came in the other way meanwhile. */
  #damage (block) {
    this.chain.storeAgain(block)
    this.emit('damage', block)
  }
}

module.exports = { Intake }
