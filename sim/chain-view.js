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
    /** When it took that, in milliseconds of the process's clock. */
    this.since = performance.now()
    /** The highest block count that its peers ever claimed; never lowered until a restart, as in TurtleCoind. */
    this.claimed = tip.height + 1
    /** Whether a peer has told it anything since its start. */
    this.heard = true
    /** Tops of the branches that it has left, and of stale blocks it was given. */
    this.abandoned = []
    /** Its database has one block twice. */
    this.damaged = false
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
   * Takes a block from a peer. The chain with more work wins, and at equal work the one that was there first; the other
   * one is known from then on.
   * @param {Block} block
   */
  offer (block) {
    this.hear(block)
    if (!this.takesNone && !this.has(block)) this.#take(block)
  }

  /** A peer tells of a block, which may be on its way still. */
  hear (block) {
    if (!this.still || this.still.networkHeight === 'rising') this.claim(block.height + 1)
  }

  /** Whether blocks from peers pass it by. */
  get takesNone () {
    return this.damaged || this.still !== null
  }

  /**
   * Takes a block from a pool, to its top or to a branch.
   * @returns {boolean} whether its peers have to know it: it has more work than any other
   */
  add (block) {
    const leads = block.work > this.best.work
    if (!leads || !this.still) this.#take(block)
    return leads
  }

  /**
   * Stores a block that it has once more, on top. Of what follows on that block it takes nothing from then on: its
   * height is not the one that it would have to have.
   */
  storeAgain (block) {
    this.damaged = true
    this.#top(Block.again(block, this.best))
  }

  /** Loses the block that it has stored last. */
  loseLast () {
    if (this.best.parent && !this.damaged) this.#top(this.best.parent)
  }

  /** What a restart does: what peers said is forgotten, until the first of them speaks. */
  forget () {
    this.claimed = 1
    this.heard = false
  }

  /** A peer says that the network has this many blocks, true or not. */
  claim (count) {
    this.heard = true
    this.claimed = Math.max(this.claimed, count)
  }

  /** Stands still at its tip. With `rising` its network height goes on as the network's. */
  freeze (networkHeight) {
    this.still = { networkHeight }
  }

  /** Stands where a chain stands that has just been begun, and has not heard of a peer. */
  begin (count) {
    this.forget()
    this.freeze('still')
    this.#top(this.best.ancestor(Math.min(count - 1, this.best.height)))
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

  /** @returns {Block | null} a block of its chain, or one that it has left; the lower one if it has it twice */
  byHash (hash) {
    const block = this.find(hash)
    const isTwice = block && block.parent && block.parent.hash === hash
    return isTwice ? block.parent : block
  }

  /** As byHash(), but the upper one, on which the next block would have to be. @returns {Block | null} */
  find (hash) {
    for (const top of this.#tops) {
      const block = top.find(hash)
      if (block) return block
    }
    return null
  }

  /** Whether it knows a block, which takes less time than to find it by its hash. @param {Block} block */
  has ({ hash, height }) {
    return this.#tops.some(top => {
      const block = top.ancestor(height)
      return block !== null && block.hash === hash
    })
  }

  /** Whether it knows the block, but off its chain. */
  isOrphan (block) {
    return this.byHeight(block.height) !== block
  }

  get #tops () {
    return [this.tip, this.best, ...this.abandoned]
  }

  #take (block) {
    if (block.work <= this.best.work) return this.abandoned.push(block)
    if (this.forgedTip) this.forgedTip = this.#forgeOn(this.forgedTip)
    if (block.commonWith(this.best) !== this.best) this.abandoned.push(this.best)
    this.#top(block)
  }

  #top (block) {
    this.best = block
    this.since = performance.now()
  }

  #forgeOn (top) {
    return Block.on(top, { nonce: Math.floor(this.random() * 2 ** 32), timestamp: this.best.timestamp, difficulty: this.best.difficulty })
  }
}

module.exports = { ChainView }
