'use strict'

const { createHash } = require('node:crypto')

const NO_HASH = '0'.repeat(64)

const sha256 = text => createHash('sha256').update(text).digest('hex')

/** One block of a simulated chain. It never changes, so branches can share their common part. */
class Block {
  /**
   * @param {object} fields
   * @param {Block | null} fields.parent  null for a genesis block and for the lowest block of a forged chain
   * @param {string} fields.hash  64 lower-case hex digits
   * @param {number} fields.height  an index; genesis is 0
   * @param {number} fields.timestamp  seconds since 1970
   * @param {number} fields.difficulty
   * @param {number} [fields.nonce]
   * @param {string} [fields.prevHash]  only where it is not the hash of `parent`
   */
  constructor ({ parent, hash, height, timestamp, difficulty, nonce = 0, prevHash = parent ? parent.hash : NO_HASH }) {
    this.parent = parent
    this.hash = hash
    this.prevHash = prevHash
    this.height = height
    this.timestamp = timestamp
    this.difficulty = difficulty
    this.nonce = nonce
    /** All the work from genesis up to this block: the chain with more of it wins. */
    this.work = difficulty + (parent ? parent.work : 0)
    Object.freeze(this)
  }

  /** The first block of a chain. Another name gives another network. */
  static genesis (name, difficulty = 1) {
    return new Block({ parent: null, hash: sha256(`genesis ${name}`), height: 0, timestamp: 0, difficulty, nonce: 70 })
  }

  /** The next block on top of `parent`. */
  static on (parent, { nonce, timestamp, difficulty, hash = sha256(parent.hash + nonce) }) {
    return new Block({ parent, hash, height: parent.height + 1, timestamp, difficulty, nonce })
  }

  /** A block once more, on top of a chain that has it already: what a database that stored it twice shows. */
  static again (block, top) {
    return new Block({ ...block, parent: top, height: top.height + 1 })
  }

  /** A short chain that hangs in the air: its lowest block names a parent that nobody has. Gives its top block. */
  static forged ({ height, length, random, timestamp, difficulty }) {
    const invented = () => sha256(`forged ${random()}`)
    const lowest = new Block({ parent: null, hash: invented(), prevHash: invented(), height: height - length + 1, timestamp, difficulty })
    let top = lowest
    while (top.height < height) top = Block.on(top, { nonce: top.height, timestamp, difficulty })
    return top
  }

  /** The block at a height of the chain that ends here; null above it, and where the chain is not known. */
  ancestor (height) {
    if (height > this.height) return null
    /** @type {Block | null} */
    let block = this
    while (block && block.height > height) block = block.parent
    return block
  }

  /** The block with a hash in the chain that ends here, or null. */
  find (hash) {
    /** @type {Block | null} */
    let block = this
    while (block && block.hash !== hash) block = block.parent
    return block
  }

  /** The last block that both chains share, or null. */
  commonWith (other) {
    /** @type {Block | null} */
    let left = this
    let right = other
    while (left && right && left !== right) {
      if (left.height >= right.height) left = left.parent
      else right = right.parent
    }
    return left && right
  }
}

module.exports = { Block, NO_HASH, sha256 }
