'use strict'

const { isIPv6 } = require('net')

const clock = require('../clock')

/** Milliseconds between two passwords that are looked at, from an address that has just given a wrong one. */
const PAUSE = 1000
/** Milliseconds that a request waits for its turn at most; the next ones are sent away. */
const LONGEST_WAIT = 10000
/** Addresses that are remembered, each for the time it has to wait; more give up the one that was heard of longest ago. */
const MOST_ADDRESSES = 1000

/**
 * Makes guessing slow, by the address that it comes from: after a wrong password the next one from there, right or wrong, is looked at a
 * second later, however many connections it takes. Whoever hangs up and tries again gains nothing.
 */
class Guesses {
  constructor (now = clock.now) {
    this.now = now
    /** Of each address, when the next password is looked at. */
    this.next = new Map()
  }

  /** Milliseconds until a password from this address is to be looked at, which is its turn; null where too many wait already. */
  turn (address) {
    const place = placeOf(address)
    const now = this.now()
    const next = this.next.get(place)
    if (next === undefined) return 0
    if (next <= now) {
      this.next.delete(place)
      return 0
    }
    if (next - now > LONGEST_WAIT) return null
    this.note(place, next + PAUSE)
    return next - now
  }

  /** A wrong one came from there. */
  wrong (address) {
    const place = placeOf(address)
    const next = this.now() + PAUSE
    this.note(place, Math.max(next, this.next.get(place) || next))
  }

  note (place, next) {
    this.next.delete(place)
    this.next.set(place, next)
    if (this.next.size > MOST_ADDRESSES) this.next.delete(this.next.keys().next().value)
  }
}

/** Who has one IPv6 address has all of its /64. */
function placeOf (address = '') {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIPv6(plain) ? groupsOf(plain).slice(0, 4).join(':') : plain
}

/** The eight groups of an IPv6 address; one that ends like an IPv4 address ends there. */
function groupsOf (address) {
  const [before, after] = address.replace(/%.*$/, '').split('::').map(part => part.split(':').filter(Boolean))
  if (!after) return before
  const missing = Math.max(0, 8 - before.length - after.length)
  return before.concat(Array(missing).fill('0'), after)
}

module.exports = Guesses
