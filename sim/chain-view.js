'use strict'

const { Block } = require('./block')

/** More ancestors than a poll walks (16 blocks, while it looks for one that it knows); what is below is unknown to everybody. */
const FORGED_LENGTH = 20

/**
 * The chain as one daemon sees it and tells it. It follows the chain with the most work, unless it is told to stand
 * still, to lag or to lie. No socket in here.
 */
class ChainView {
  /**
   * @param {Block} tip
   * @param {() => number} random
   */
  constructor (tip, random) {
    this.random = random
    /** The best block it has taken. */
    this.best = tip
    /** The highest block count that its peers ever claimed; never lowered, as in TurtleCoind. */
    this.claimed = tip.height + 1
    /** Tops of the branches that it has left, and of stale blocks it was given. */
    this.abandoned = []
    this.still = null
    this.behind = 0
    this.forgedTip = null
  }

  /** The block it tells as its top. */
  get tip () {
    if (this.forgedTip) return this.forgedTip
    return this.behind ? this.best.ancestor(Math.max(0, this.best.height - this.behind)) : this.best
  }

  /** What TurtleCoind calls `height` in its info: one more than the index of the top block. */
  get count () {
    return this.tip.height + 1
  }

  /** What it tells as the height of the network. */
  get networkHeight () {
    return Math.max(this.claimed, this.forgedTip ? this.count : 0)
  }

  /**
   * Takes a block from a peer. The chain with more work wins, and at equal work the one that was there first.
   * @param {Block} block
   */
  offer (block) {
    if (!this.still || this.still.networkHeight === 'rising') this.claim(block.height + 1)
    if (this.still) return
    if (block.work <= this.best.work) return
    if (this.forgedTip) this.forgedTip = this.#forgeOn(this.forgedTip)
    if (block.commonWith(this.best) !== this.best) this.abandoned.push(this.best)
    this.best = block
  }

  /** A peer says that the network has this many blocks, true or not. */
  claim (count) {
    this.claimed = Math.max(this.claimed, count)
  }

  /** Stands still at its tip. With `rising` its network height goes on as the network's. */
  freeze (networkHeight) {
    this.still = { networkHeight }
  }

  thaw () {
    this.still = null
  }

  /** Tells a tip so many blocks behind its best one. */
  lag (blocks) {
    this.behind = blocks
  }

  /** Tells an invented tip, so many blocks above its best one. */
  lie (blocks) {
    const { timestamp, difficulty } = this.best
    this.forgedTip = Block.forged({ height: this.best.height + blocks, length: FORGED_LENGTH, random: this.random, timestamp, difficulty })
  }

  honest () {
    this.forgedTip = null
  }

  /** @returns {Block | null} */
  byHeight (height) {
    if (!Number.isInteger(height)) return null
    return this.tip.ancestor(height) || (height <= this.best.height ? this.best.ancestor(height) : null)
  }

  /** @returns {Block | null} a block of its chain, or one that it has left */
  byHash (hash) {
    for (const top of [this.tip, this.best, ...this.abandoned]) {
      const block = top.find(hash)
      if (block) return block
    }
    return null
  }

  /** Whether it knows the block, but off its chain. */
  isOrphan (block) {
    return this.byHeight(block.height) !== block
  }

  #forgeOn (top) {
    return Block.on(top, { nonce: Math.floor(this.random() * 2 ** 32), timestamp: this.best.timestamp, difficulty: this.best.difficulty })
  }
}

module.exports = { ChainView }
