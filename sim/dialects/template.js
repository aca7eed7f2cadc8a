'use strict'

const { sha256 } = require('../block')

/** Bytes of a coinbase transaction up to where a pool may write. */
const COINBASE_LENGTH = 430

/**
 * A block as a blob, in the two layouts that pools know. A simulated block has no proof of work, so only two places have
 * a meaning: the hash of the previous block, and the reserved bytes. The rest is filled with bytes that look the part.
 * @typedef {{ before: (timestamp: number) => string, after: (timestamp: number) => string }} Layout  hex around the previous hash
 * @type {Record<string, Layout>}
 */
const LAYOUTS = {
  turtlecoin: { before: () => '0300', after: timestamp => '0000' + varint(timestamp) + '00000000' },
  monerod: { before: timestamp => '1010' + varint(timestamp), after: () => '00000000' }
}

/**
 * @param {Layout} layout
 * @param {import('../block').Block} parent
 * @param {{ address: string, reserveSize: number }} request
 * @returns {{ blob: string, header: string, reservedOffset: number }}
 */
function makeTemplate (layout, parent, { address, reserveSize }) {
  const timestamp = Math.floor(Date.now() / 1000)
  const header = layout.before(timestamp) + parent.hash + layout.after(timestamp)
  const coinbase = filler(address + parent.hash, COINBASE_LENGTH)
  const blob = header + coinbase + '00'.repeat(reserveSize) + '00'
  return { blob, header, reservedOffset: (header.length + coinbase.length) / 2 }
}

/**
 * What a submitted blob says about itself, or null if it is no block.
 * @returns {{ hash: string, prevHash: string } | null}
 */
function readBlob (layout, blob) {
  const start = layout.before(Math.floor(Date.now() / 1000)).length
  const shortest = start + 64 + 2 * COINBASE_LENGTH
  if (typeof blob !== 'string' || !/^([0-9a-f]{2})*$/i.test(blob) || blob.length < shortest) return null
  return { hash: sha256(blob.toLowerCase()), prevHash: blob.slice(start, start + 64).toLowerCase() }
}

/** A number as CryptoNote writes it: seven bits a byte, the lowest first. */
function varint (number) {
  const bytes = []
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push(number % 0x80 | 0x80)
  return Buffer.from([...bytes, number]).toString('hex')
}

function filler (seed, length) {
  let hex = ''
  while (hex.length < 2 * length) hex += sha256(seed + hex.length)
  return hex.slice(0, 2 * length)
}

module.exports = { LAYOUTS, makeTemplate, readBlob }
