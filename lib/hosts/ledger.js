'use strict'

const { KEPT } = require('./order')

/** Milliseconds within which two orders count as given at once: then the one that Redis has is the later one. */
const AT_ONCE = 5000

/**
 * The latest order that this host knows of each key of Redis, and what has to be done about it: at most one order a key.
 *
 * What stands in Redis counts, since it was written last, with one exception: a clearly younger order than that is written again, since Redis has
 * lost it (it was emptied, or came back with what it had some time ago) or never got it. So the same order counts in the end wherever it was given, and
 * nothing is read from a value that is not there: an order ends by another order, or by its own end.
 *
 * Times are milliseconds by a clock that only goes forward.
 */
class Ledger {
  /** Orders that end something and are older than `start` have nothing to end here. */
  constructor (start) {
    this.start = start
    this.held = new Map()
  }

  /** An order that was given here, and carried out. It is still to be shared. */
  give (key, order, now) {
    this.held.set(key, Object.assign({}, order, { at: now, until: now + (order.milliseconds || KEPT), isShared: false, isDone: true }))
  }

  /** Takes in what stands at a key, which may be null; gives the order that is to be written there, if so. */
  take (key, found, now) {
    const held = this.at(key, now)
    if (!found) return held
    if (held && held.id === found.id) {
      held.isShared = true
      return null
    }
    if (held && mustBeWritten(held, found, now)) return held
    this.held.set(key, this.adopted(found, now))
    return null
  }

  adopted ({ order, host, port, machine, id, by, age, remains }, now) {
    const at = now - age
    const isOver = (order === 'undrain' || order === 'unpin') && at < this.start
    return { order, host, port, machine, id, by, at, until: now + remains, isShared: true, isDone: isOver }
  }

  /** The order that was given here and is not shared yet, if there is one. */
  news (key, now) {
    const held = this.at(key, now)
    return held && !held.isShared ? held : null
  }

  /** This order is in Redis now. */
  shared (key, { id }) {
    const held = this.held.get(key)
    if (held && held.id === id) held.isShared = true
  }

  /** The latest orders that have still to be carried out here, the oldest first. */
  due () {
    return Array.from(this.held.values()).filter(({ isDone }) => !isDone).sort((one, other) => one.at - other.at)
  }

  /** Whether an order that was given here is still to be shared. */
  get hasNews () {
    return Array.from(this.held.values()).some(({ isShared }) => !isShared)
  }

  /** Whoever carries orders out starts anew, and knows none of them; what ends something has nothing to end there. */
  restart () {
    for (const held of this.held.values()) held.isDone = held.order === 'undrain' || held.order === 'unpin'
  }

  /** Forgets what is no longer looked at, and what has ended. */
  keep (keys, now) {
    for (const key of this.held.keys()) if (!keys.has(key) || !this.at(key, now)) this.held.delete(key)
  }

  at (key, now) {
    const held = this.held.get(key)
    return held && held.until > now ? held : null
  }
}

/** Whether an order counts more than the one that stands in Redis. */
function mustBeWritten (held, found, now) {
  const age = now - held.at
  return held.isShared ? age + AT_ONCE < found.age : age <= found.age + AT_ONCE
}

module.exports = Ledger
