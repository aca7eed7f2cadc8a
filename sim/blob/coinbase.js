'use strict'

const { sha256 } = require('../block')
const { HASH_LENGTH, counted, varint } = require('./bytes')

/** Kind of the input that makes new coins; its only member is the height of its block. */
const NEW_COINS = 0xff
/** Kinds of outputs: to a key, and to a key with one byte more, by which wallets find theirs sooner. */
const [TO_KEY, TO_TAGGED_KEY] = [2, 3]
/** Blocks until a coinbase may be spent. */
const UNLOCK = { monero: 60, turtlecoin: 40 }
/** What the fields of TurtleCoin's `extra` begin with: the key of the transaction, three keys of the miner, the bytes for the pool. */
const TURTLECOIN_FIELDS = ['01', '04', '05', '06', '07']
const MONERO_FIELDS = ['01', '02']

/**
 * A coinbase transaction in hex. Its keys are invented, the same ones for the same seed.
 * @typedef {{ height: number, reward: number, reserveSize: number, seed: string }} Coinbase  `reserveSize` bytes are for the pool to write
 */

/** Version 2, one output, and a last byte that says that nothing is signed. @param {Coinbase} coinbase */
function moneroCoinbase ({ height, reward, reserveSize, seed }) {
  const output = varint(reward) + varint(TO_TAGGED_KEY) + key(seed, 'output') + '00'
  const extra = fields(MONERO_FIELDS.slice(0, 1), seed) + reserve(MONERO_FIELDS[1], reserveSize)
  return '02' + start(height, UNLOCK.monero) + '01' + output + counted(extra) + '00'
}

/** Version 1, outputs of round amounts. @param {Coinbase} coinbase */
function turtlecoinCoinbase ({ height, reward, reserveSize, seed }) {
  const outputs = roundAmounts(reward).map(amount => varint(amount) + varint(TO_KEY) + key(seed, amount))
  const extra = fields(TURTLECOIN_FIELDS.slice(0, -1), seed) + reserve(TURTLECOIN_FIELDS[4], reserveSize)
  return '01' + start(height, UNLOCK.turtlecoin) + varint(outputs.length) + outputs.join('') + counted(extra)
}

/** When it may be spent, and its one input. */
const start = (height, unlock) => varint(height + unlock) + '01' + NEW_COINS.toString(16) + varint(height)
const key = (seed, name) => sha256(`key ${name} ${seed}`)
const fields = (tags, seed) => tags.map(tag => tag + key(seed, tag)).join('')
const reserve = (tag, size) => size > 0 ? tag + counted('00'.repeat(size)) : ''

/** An amount as the sum of its digits' worths, the smallest first. */
function roundAmounts (amount) {
  const digits = [...String(amount)].reverse()
  return digits.map((digit, power) => Number(digit) * 10 ** power).filter(part => part > 0)
}

/**
 * Reads a transaction whose inputs make new coins.
 * @param {import('./bytes').Reader} reader
 * @returns {{ version: number, heights: number[], extra: Buffer }}
 */
function readTransaction (reader) {
  const version = reader.varint()
  reader.varint()
  const heights = reader.list(() => readInput(reader))
  reader.list(() => readOutput(reader))
  return { version, heights, extra: reader.take(reader.varint()) }
}

function readInput (reader) {
  if (reader.byte() !== NEW_COINS) throw new RangeError('no new coins')
  return reader.varint()
}

function readOutput (reader) {
  reader.varint()
  reader.take(reader.byte() === TO_TAGGED_KEY ? HASH_LENGTH + 1 : HASH_LENGTH)
}

module.exports = { moneroCoinbase, readTransaction, turtlecoinCoinbase }
