'use strict'

const { HASH_LENGTH, Reader, counted, fourBytes, varint } = require('./bytes')
const { moneroCoinbase, readTransaction, turtlecoinCoinbase } = require('./coinbase')

/** Of the field in `extra` by which a block says that it is mined together with one of another chain. */
const MERGE_MINING = 0x03
/** The version of TurtleCoin's blocks from which their header is spread over the block's and its parent's. */
const FIRST_WITH_PARENT = 2
/** Later versions are none that TurtleCoind knows. */
const LAST_OF_TURTLECOIN = 6

/**
 * @typedef {object} Header  what stands first in a block
 * @property {number} timestamp  seconds since 1970
 * @property {string} prevHash  of the block below
 * @property {number} nonce  32 bits
 * @property {number} nonceAt  bytes before the nonce
 * @property {number} height  which its coinbase says
 */

/**
 * Where a family of daemons has what in a block.
 * @typedef {object} Layout
 * @property {(reader: Reader) => Header} read  reads all but the list of hashes at the end
 * @property {(header: { timestamp: number, prevHash: string, nonce: number }) => string} header  in hex, up to the coinbase
 * @property {(coinbase: import('./coinbase').Coinbase) => string} coinbase  in hex
 * @property {number} reward  of a block, in the smallest unit
 * @property {number} tail  bytes of a block after those that are reserved for the pool
 */

/** monero's: version, minor version, timestamp, hash of the block below, nonce. @type {Layout} */
const monero = {
  read (reader) {
    readVersions(reader)
    return readPlain(reader)
  },

  header: ({ timestamp, prevHash, nonce }) => '1010' + varint(timestamp) + prevHash + fourBytes(nonce),
  coinbase: moneroCoinbase,
  reward: 35184070099967,
  tail: 2
}

/** Of a parent that is there for its place alone: one transaction, without inputs and outputs, for a tree of depth 0. */
const PARENT_COINBASE = '01' + '00000000' + counted(varint(MERGE_MINING) + counted('00' + '00'.repeat(HASH_LENGTH)))

/** TurtleCoin's, of version 3: versions and the hash of the block below, then a parent with timestamp and nonce. @type {Layout} */
const turtlecoin = {
  read (reader) {
    const version = readVersions(reader)
    if (version < 1 || version > LAST_OF_TURTLECOIN) throw new RangeError('no version of TurtleCoin')
    return version < FIRST_WITH_PARENT ? readPlain(reader) : readWithParent(reader)
  },

  header ({ timestamp, prevHash, nonce }) {
    const parent = '0000' + varint(timestamp) + '00'.repeat(HASH_LENGTH) + fourBytes(nonce) + PARENT_COINBASE
    return '0300' + prevHash + parent
  },

  coinbase: turtlecoinCoinbase,
  reward: 2980232,
  tail: 1
}

/** @returns {number} the major version */
function readVersions (reader) {
  const major = reader.varint()
  reader.varint()
  return major
}

function readPlain (reader) {
  const timestamp = reader.varint()
  const prevHash = reader.hash()
  return { timestamp, prevHash, ...readNonce(reader), height: readHeight(reader) }
}

function readWithParent (reader) {
  const prevHash = reader.hash()
  readVersions(reader)
  const timestamp = reader.varint()
  reader.hash()
  const nonce = readNonce(reader)
  readRestOfParent(reader)
  return { timestamp, prevHash, ...nonce, height: readHeight(reader) }
}

function readNonce (reader) {
  return { nonceAt: reader.at, nonce: reader.take(4).readUInt32LE() }
}

function readHeight (reader) {
  const { version, heights } = readTransaction(reader)
  if (heights.length !== 1) throw new RangeError('no coinbase')
  // From version 2 on a transaction ends with how it is signed; this one is not.
  if (version >= 2) reader.byte()
  return heights[0]
}

function readRestOfParent (reader) {
  const transactions = reader.varint()
  if (transactions < 1) throw new RangeError('a parent without transactions')
  readHashes(reader, Math.floor(Math.log2(transactions)))
  const { extra } = readTransaction(reader)
  readHashes(reader, depthOf(extra))
}

function readHashes (reader, count) {
  for (; count > 0; count--) reader.hash()
}

/** How deep the tree of chains is that are mined together. */
function depthOf (extra) {
  if (extra[0] !== MERGE_MINING) throw new RangeError('no merge mining')
  const field = new Reader(extra.subarray(1))
  field.varint()
  return field.varint()
}

module.exports = { monero, turtlecoin }
