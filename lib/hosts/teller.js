'use strict'

const { nameOf } = require('../name')

const { PLACES, SILENT_AFTER } = require('./roster')

/** Of how many values one line tells why they are ignored, and how many are remembered as told. */
const MOST_NAMED = 3
const MOST_REMEMBERED = 1000

/** Says in the pool's log what changed among the hosts, and each trouble once. */
class Teller {
  constructor (log, name) {
    this.log = log
    this.name = name
    this.hasBegun = false
    this.ignored = new Set()
    this.refusals = new Set()
    this.silent = new Map()
  }

  begin () {
    if (!this.hasBegun) this.log.info(`shares orders with the pool's other hosts through Redis, as ${this.name}`)
    this.hasBegun = true
  }

  /** An order from another host was carried out, to this effect. */
  obeyed (order, effect) {
    this.log.info(`by an order on host ${order.by}: ${effect}${effect === 'unpin' ? '' : ` ${nameOf(order)}`}`)
  }

  refused (order, error) {
    if (this.refusals.has(order.id)) return
    this.log.warn(`an order on host ${order.by} cannot be carried out here: ${error.message}`)
    remember(this.refusals, order.id)
  }

  /** Takes the others as they are now; tells whether anything about them is new. */
  hosts ({ others, place, hasTwin }) {
    if (place === null) this.log.once(`this host is not shown on the others: all ${PLACES} places for hosts in Redis are taken`)
    if (hasTwin) this.log.once(`another process shares orders under the name ${this.name} too: give one of them another name (option host of attach)`)
    const before = this.silent
    this.silent = new Map(others.map(({ name, age }) => [name, age > SILENT_AFTER]))
    const changed = Array.from(this.silent.keys()).filter(name => before.get(name) !== this.silent.get(name))
    for (const name of changed) this.host(name, this.silent.get(name), before.has(name))
    return changed.length > 0 || before.size !== this.silent.size
  }

  host (name, isSilent, isKnown) {
    if (isSilent) this.log.warn(`host ${name} has not been heard of for ${SILENT_AFTER / 1000} s`)
    else this.log.info(`host ${name} ${isKnown ? 'is heard of again' : 'shares orders with this one'}`)
  }

  /** What stands at some keys, and why it is ignored. */
  nonsense (found) {
    const fresh = Array.from(found).filter(([key]) => !this.ignored.has(key))
    if (fresh.length === 0) return
    for (const [key] of fresh) remember(this.ignored, key)
    const named = fresh.slice(0, MOST_NAMED).map(([key, why]) => `${key} ${why}`).join('; ')
    this.log.warn(`what is in Redis is ignored: ${named}${fresh.length > MOST_NAMED ? `; and ${fresh.length - MOST_NAMED} more` : ''}`)
  }
}

function remember (set, value) {
  set.add(value)
  if (set.size > MOST_REMEMBERED) set.delete(set.values().next().value)
}

module.exports = Teller
