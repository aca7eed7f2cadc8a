'use strict'

const clock = require('../clock')
const { partsOf } = require('../parts')
const orders = require('../source/orders')

const cards = require('./card')
const { Client } = require('./client')
const { identify, isLoopback } = require('./identity')
const Keys = require('./keys')
const Ledger = require('./ledger')
const written = require('./order')
const Outage = require('./outage')
const { FORGOTTEN_AFTER, PLACES, Roster, SILENT_AFTER } = require('./roster')
const Round = require('./round')
const Teller = require('./teller')

/** @typedef {import('../source/contract').Part} Part */

const OWN_VERSION = require('../../package.json').version
/** Milliseconds from one look at Redis to the next. */
const EVERY = 1000

/**
 * Shares with the pool's other hosts, through the Redis that they share anyway, what the operator orders, and what each host uses and has found.
 *
 * Each host goes on deciding for itself: whatever Redis does or holds, nothing ends but the sharing. Every value that is read has a limit, is checked, and is
 * either understood as a whole or ignored.
 * @implements {Part}
 */
class Hosts {
  /** `redis` is the pool's client, `coin` the prefix of all its keys; `host` the name of this host. */
  constructor (multiDaemon, { redis, coin, host, log }) {
    const now = clock.now()
    const me = Object.assign(identify(host), { version: OWN_VERSION })
    this.parts = partsOf(multiDaemon)
    this.me = me
    this.client = new Client(redis)
    this.keys = new Keys(coin, me.machine)
    this.teller = new Teller(log, me.name)
    this.stopped = false
    this.given = 0
    this.round = new Round(this.client)
    this.ledger = new Ledger(now)
    this.roster = new Roster(me, parseInt(me.run.slice(0, 4), 16) % PLACES)
    this.outage = new Outage(log, now)
    /** Redis' time, and when it was told; nothing is converted before it was. */
    this.time = { redis: 0, at: now }
    this.source = this.parts.source
    this.timer = setInterval(() => this.look(), EVERY)
    this.timer.unref()
    setImmediate(() => this.look())
  }

  /**
   * An order that was given on this host, and carried out there.
   * @param {{ order: string, host?: string, port?: number | string, milliseconds?: number }} order
   */
  ordered ({ order, host, port, milliseconds }) {
    const daemon = host === undefined ? {} : { host: host.toLowerCase().replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
    const machine = daemon.host && isLoopback(daemon.host) ? this.me.machine : undefined
    const key = order === 'pin' || order === 'unpin' ? this.keys.pin : this.keys.drain(daemon)
    this.ledger.give(key, Object.assign({ order, machine, milliseconds, id: `${this.me.run}-${++this.given}`, by: this.me.name }, daemon), clock.now())
    this.look()
  }

  describe (status) {
    status.hosts = this.list(status)
  }

  /** All hosts, as in the status: this one first, then the others by name. */
  list (status) {
    const now = clock.now()
    const own = Object.assign({ name: this.me.name, self: true, silent: false, lastSeen: Date.now(), version: OWN_VERSION }, cards.summaryOf(status))
    const others = this.roster.others.map(card => this.shown(card, now)).filter(({ lastSeen }) => lastSeen > Date.now() - FORGOTTEN_AFTER)
    return [own].concat(others.sort((one, other) => one.name < other.name ? -1 : 1))
  }

  /** Others' times are told by this host's clock. */
  shown (card, now) {
    const { name, version } = card
    const since = card.age + now - this.time.at
    const ahead = Date.now() - this.redisTime(now)
    return Object.assign({ name, self: false, silent: since > SILENT_AFTER, lastSeen: Math.round(Date.now() - since), version }, cards.shifted(card.summary, ahead))
  }

  /** Ends it. The card goes, so that nobody waits for this host; orders stay. */
  stop () {
    if (this.stopped) return
    this.stopped = true
    clearInterval(this.timer)
    this.round.stop()
    if (this.round.isOver && this.roster.place !== null && this.client.isReady()) this.client.send(['del', this.keys.places[this.roster.place]], () => {})
  }

  /** Looks at Redis, unless it still owes an answer. */
  look () {
    if (this.stopped) return
    if (!this.round.isOver) {
      if (this.round.isLate) this.outage.bad('Redis does not answer', clock.now())
      return
    }
    if (!this.client.isReady()) return this.outage.bad('the pool has no connection to Redis', clock.now())
    this.guarded(null, () => this.read())
  }

  /** The first half of a round. Only as much is asked for of each value as it may be long. */
  read () {
    const keys = this.keys.orders(this.parts.source.status().daemons)
    /** @type {Array<Array<string | number>>} */
    const commands = [['time']]
    for (const key of keys.keys()) commands.push(['getrange', key, 0, written.LONGEST_ORDER])
    for (const key of this.keys.places) commands.push(['getrange', key, 0, cards.LONGEST_CARD])
    this.round.ask(commands, (error, replies) => this.guarded(error, () => {
      this.noteTime(replies[0])
      const texts = replies.slice(1).map(textOf)
      const nonsense = new Map()
      const wanted = this.takeOrders(keys, texts.slice(0, keys.size), nonsense)
      this.carryOut()
      const own = this.takeCards(texts.slice(keys.size), nonsense)
      this.teller.nonsense(nonsense)
      this.write(wanted, own)
    }))
  }

  noteTime (reply) {
    if (reply instanceof Error) throw reply
    const [seconds, microseconds] = Array.isArray(reply) ? reply.map(Number) : []
    const time = 1000 * seconds + microseconds / 1000
    if (!written.isTime(time)) throw new Error('Redis does not tell its time')
    this.time = { redis: time, at: clock.now() }
  }

  redisTime (now) {
    return this.time.redis + now - this.time.at
  }

  /** Gives the orders that are to be written: `{ key, order, mustBeFree }`. */
  takeOrders (keys, texts, nonsense) {
    const now = clock.now()
    this.ledger.keep(new Set(keys.keys()), now)
    return Array.from(keys).map(([key, about], index) => {
      const found = understood(texts[index], text => written.read(text, about, this.redisTime(now)))
      if (found && found.nonsense) nonsense.set(key, found.nonsense)
      const order = found && found.nonsense ? this.ledger.news(key, now) : this.ledger.take(key, found, now)
      return order && { key, order, mustBeFree: found === null }
    }).filter(Boolean)
  }

  carryOut () {
    const { source } = this.parts
    if (source !== this.source) this.ledger.restart()
    this.source = source
    if (!source.watches) return
    for (const order of this.ledger.due()) this.obey(source, order)
  }

  /** What names a daemon that this host has not is tried again: its configuration may be about to follow. */
  obey (source, order) {
    const effect = this.effectOf(order)
    try {
      if (effect === 'pin') orders.pin(source, order.host, order.port, Math.max(1, Math.ceil(order.until - clock.now())))
      else if (effect === 'unpin') orders.unpin(source)
      else orders.drain(source, order.host, order.port, effect === 'drain')
    } catch (error) {
      return this.teller.refused(order, error)
    }
    order.isDone = true
    this.teller.obeyed(order, effect)
  }

  /** A pool has one pin: one to an address that only its own machine has ends the pin of all others. */
  effectOf ({ order, machine }) {
    return order === 'pin' && machine !== undefined && machine !== this.me.machine ? 'unpin' : order
  }

  /** Gives where the own card is to be written. */
  takeCards (texts, nonsense) {
    const time = this.redisTime(clock.now())
    const found = texts.map(text => understood(text, text => cards.read(text, time)))
    found.forEach((card, index) => { if (card && card.nonsense) nonsense.set(this.keys.places[index], card.nonsense) })
    const own = this.roster.take(found)
    if (this.teller.hosts(this.roster)) this.parts.hear([{ event: 'hosts' }])
    return own
  }

  /** The second half. What has to be free still when it is written, and is not, is looked at again in the next round. */
  write (wanted, { place, isFree }) {
    const now = clock.now()
    const time = this.redisTime(now)
    const commands = wanted.map(({ key, order, mustBeFree }) => {
      const remains = Math.max(1, order.until - now)
      return set(key, written.write(order, time + order.at - now, time + order.until - now), remains, mustBeFree)
    })
    if (place !== null) commands.push(set(this.keys.places[place], this.card(time), FORGOTTEN_AFTER, isFree))
    if (commands.length === 0) return this.succeed()
    this.round.ask(commands, (error, replies) => this.guarded(error, () => {
      wanted.forEach(({ key, order }, index) => { if (isOk(replies[index])) this.ledger.shared(key, order) })
      const failure = replies.find(reply => reply instanceof Error)
      if (failure) throw failure
      this.succeed()
    }))
  }

  card (time) {
    return cards.write(this.me, cards.summaryOf(this.parts.source.status()), time, time - Date.now())
  }

  succeed () {
    this.teller.begin()
    this.outage.good(clock.now())
    // What was ordered during the round should not wait for the next one.
    if (this.ledger.hasNews) this.look()
  }

  /** Whatever goes wrong here is this round's: nothing reaches the pool. */
  guarded (error, act) {
    try {
      if (error) throw error
      act()
    } catch (failure) {
      this.outage.bad(failure.message, clock.now())
    }
  }
}

/** What Redis replied as a text, null where it has something else at that key. Any other error ends the round. */
function textOf (reply) {
  if (!(reply instanceof Error)) return reply === null || reply === undefined ? '' : String(reply)
  if (/** @type {NodeJS.ErrnoException} */ (reply).code === 'WRONGTYPE' || reply.message.startsWith('WRONGTYPE')) return null
  throw reply
}

function understood (text, read) {
  return text === null ? { nonsense: 'is no string' } : read(text)
}

function set (key, text, milliseconds, mustBeFree) {
  return ['set', key, text, 'PX', Math.ceil(milliseconds)].concat(mustBeFree ? 'NX' : [])
}

/** Null where the key was not free. */
function isOk (reply) {
  return reply !== null && !(reply instanceof Error)
}

module.exports = Hosts
