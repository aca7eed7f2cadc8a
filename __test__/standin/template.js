'use strict'

const { createHash } = require('crypto')

/** Bytes of each template that a pool may write; the first four number the jobs. */
const RESERVED = 8

/** What a daemon gives to build a block on; each job gets a number of its own written into it. */
class Template {
  constructor ({ blocktemplate_blob: blob, difficulty, height, reserved_offset: offset }, work) {
    Object.assign(this, { difficulty, height, offset, work, extraNonce: 0 })
    this.buffer = Buffer.from(blob, 'hex')
  }

  next () {
    return this.blob(++this.extraNonce)
  }

  blob (extraNonce) {
    const buffer = Buffer.from(this.buffer)
    buffer.writeUInt32BE(extraNonce, this.offset)
    return buffer.toString('hex')
  }
}

/** Stands for the slow hash of a block. */
function hashOf (blob, nonce) {
  return createHash('sha256').update(blob + nonce).digest('hex')
}

/** As in a real pool: the rarer the hash, the more it is worth. */
function difficultyOf (hash) {
  return 2 ** 48 / (parseInt(hash.slice(0, 12), 16) + 1)
}

/** The finished block. */
function blockOf (blob, nonce) {
  return blob + nonce
}

/** The name by which the daemons know it. */
function idOf (block) {
  return createHash('sha256').update(block).digest('hex')
}

module.exports = { RESERVED, Template, blockOf, difficultyOf, hashOf, idOf }
