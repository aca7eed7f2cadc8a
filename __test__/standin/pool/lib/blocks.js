'use strict'

const { createHash } = require('crypto')

/** Bytes of each template that a pool may write; the first four number the jobs. */
const RESERVED = 8

/** Stands for the slow hash of a block. */
function hashOf (blob, nonce) {
  return createHash('sha256').update(blob + nonce).digest('hex')
}

/** As in a real pool: the rarer the hash, the more it is worth. */
function difficultyOf (hash) {
  return 2 ** 48 / (parseInt(hash.slice(0, 12), 16) + 1)
}

/** The finished block: the nonce is four bytes of its header. */
function blockOf (blob, nonce) {
  const at = 2 * nonceOffset(blob)
  return blob.slice(0, at) + nonce + blob.slice(at + nonce.length)
}

/** Where TurtleCoin has the nonce: behind two versions, a hash, two more versions, the timestamp, and one more hash. */
function nonceOffset (blob) {
  let offset = 2 + 32 + 2
  while (parseInt(blob.slice(2 * offset, 2 * offset + 2), 16) >= 0x80) offset++
  return offset + 1 + 32
}

/** The name by which the daemons know it. */
function idOf (block) {
  return createHash('sha256').update(block).digest('hex')
}

module.exports = { RESERVED, blockOf, difficultyOf, hashOf, idOf }
