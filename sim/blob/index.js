'use strict'

// Blocks as bytes, where real daemons have what, so that a block can be told by its bytes. A simulated one needs no proof
// of work, and its keys open nothing.

const { sha256 } = require('../block')
const { Reader, fourBytes } = require('./bytes')
const layouts = require('./layouts')

/**
 * What a block in hex says of itself. `hash` is the name by which the simulated network knows it; a real daemon takes
 * that of fewer bytes, in another way.
 * @typedef {import('./layouts').Header & { hash: string }} Said
 * @param {string} hex
 * @param {import('./layouts').Layout} layout
 * @returns {Said | null} null if it is no block, or has bytes too many
 */
function readBlob (hex, layout) {
  try {
    const reader = Reader.ofHex(hex)
    const header = layout.read(reader)
    reader.list(() => reader.hash())
    reader.end()
    return { ...header, hash: sha256(hex.toLowerCase()) }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/**
 * A block without transactions, in hex.
 * @param {import('./layouts').Layout} layout
 * @param {object} block
 * @param {string} block.prevHash
 * @param {number} block.height
 * @param {number} block.timestamp  seconds since 1970
 * @param {number} [block.nonce]
 * @param {number} [block.reserveSize]  bytes for the pool to write
 * @param {string} [block.seed]  another one gives other keys
 * @returns {{ blob: string, header: string, reservedOffset: number }}  `header` is what stands before the coinbase; the
 * offset counts bytes, and is 0 if none are reserved
 */
function writeBlob (layout, { prevHash, height, timestamp, nonce = 0, reserveSize = 0, seed = '' }) {
  const header = layout.header({ timestamp, prevHash, nonce })
  const blob = header + layout.coinbase({ height, reward: layout.reward, reserveSize, seed: seed + prevHash }) + '00'
  return { blob, header, reservedOffset: reserveSize && blob.length / 2 - layout.tail - reserveSize }
}

/**
 * The block that a miner has found: a template with his nonce in it.
 * @param {string} hex  a template of any family
 * @param {number} nonce  32 bits
 */
function withNonce (hex, nonce) {
  const said = readBlob(hex, layouts.turtlecoin) || readBlob(hex, layouts.monero)
  if (!said) throw new RangeError('this is no block')
  const at = 2 * said.nonceAt
  return hex.slice(0, at) + fourBytes(nonce) + hex.slice(at + 8)
}

module.exports = { layouts, readBlob, withNonce, writeBlob }
