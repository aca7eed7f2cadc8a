'use strict'

const { isName } = require('./identity')

/** Another version of ours may write something else; it writes another number then. */
const VERSION = 1
/** Bytes that an order takes at most. */
const LONGEST_ORDER = 1024
/** Milliseconds that an order without an end is kept for hosts that start later: as long as a pin lasts at most. */
const KEPT = 30 * 24 * 3600 * 1000

/** The orders that a key of each kind may hold; the second one ends the first. */
const ORDERS = { pin: ['pin', 'unpin'], drain: ['drain', 'undrain'] }

/**
 * An order as it stands in Redis. Its times are by Redis' clock, since hosts have clocks of their own: `at`, when it was given, and `until`, when
 * it ends or is forgotten.
 */
function write ({ order, host, port, machine, id, by }, at, until) {
  return JSON.stringify({ v: VERSION, order, host, port, machine, id, by, at: Math.round(at), until: Math.round(until) })
}

/**
 * Reads what stands at a key of a kind (`pin`, `drain`; a daemon's `drain` has its host and port), at a moment by Redis' clock.
 *
 * Gives null where there is nothing, or nothing any more; `{ nonsense }`, with a sentence, where it is no order of this version; otherwise the order with its
 * `age` and what `remains` of it, both in milliseconds. A clock that was set back makes no order older than it is, and lets none last longer than it was to.
 */
function read (text, about, now) {
  if (text === '') return null
  if (Buffer.byteLength(text) > LONGEST_ORDER) return { nonsense: `is longer than ${LONGEST_ORDER} bytes` }
  const value = parse(text)
  if (value === null) return { nonsense: 'is no order of this program' }
  if (value.v !== VERSION) return { nonsense: 'was written by another version' }
  if (!isOrder(value, about)) return { nonsense: 'is no order of this program' }
  const { order, host, port, machine, id, by, at, until } = value
  const remains = Math.min(until - now, until - at)
  return remains <= 0 ? null : { order, host, port, machine, id, by, age: Math.max(0, now - at), remains }
}

function isOrder ({ order, host, port, machine, id, by, at, until }, about) {
  return ORDERS[about.kind].includes(order) && (about.kind === 'pin' || (host === about.host && port === about.port)) && isName(by) && isId(id) && isTime(at) && isTime(until) && until > at && until - at <= KEPT &&
    (order === 'unpin' || (isHost(host) && isPort(port))) && (machine === undefined || isId(machine))
}

function parse (text) {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  } catch (error) {
    return null
  }
}

function isId (value) {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
}

function isHost (value) {
  return typeof value === 'string' && value.length > 0 && value.length <= 255
}

function isPort (value) {
  return Number.isInteger(value) && value > 0 && value <= 65535
}

/** Milliseconds since 1970 that a date can be made of. */
function isTime (value) {
  return typeof value === 'number' && value >= 0 && value <= 8.64e15
}

module.exports = { KEPT, LONGEST_ORDER, VERSION, isHost, isPort, isTime, parse, read, write }
