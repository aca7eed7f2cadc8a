'use strict'

// What is made of what stands in Redis: rules without Redis, which take time as an argument.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const cards = require('../lib/hosts/card')
const { isClient } = require('../lib/hosts/client')
const { identify, isLoopback } = require('../lib/hosts/identity')
const Keys = require('../lib/hosts/keys')
const Ledger = require('../lib/hosts/ledger')
const order = require('../lib/hosts/order')
const Outage = require('../lib/hosts/outage')
const { PLACES, Roster } = require('../lib/hosts/roster')
const Round = require('../lib/hosts/round')

const MINUTE = 60000
const DAY = 24 * 60 * MINUTE
const PIN = { kind: 'pin' }
const DRAIN = { kind: 'drain', host: '10.0.0.2', port: 11898 }
const KEY = 'coin:multiDaemon:pin'

/** A log that remembers. */
class Lines {
  said = []
  info (text) { this.said.push(`info ${text}`) }
  warn (text) { this.said.push(`warn ${text}`) }
}

const pinTo = (host, id, rest) => ({ order: 'pin', host, port: 11898, id, by: 'one', ...rest })

/** A host: its ledger, and its clock, which has nothing to do with the others'. */
class Host {
  constructor (name, zero) {
    this.name = name
    this.zero = zero
    this.ledger = new Ledger(zero)
    this.done = []
  }

  /** Its clock at a moment of true time. */
  clock (time) {
    return this.zero + time
  }

  give (time, given) {
    this.ledger.give(KEY, { ...given, by: this.name }, this.clock(time))
  }

  /** A round with a Redis whose clock is `ahead` of true time. */
  look (redis, time) {
    const now = this.clock(time)
    this.ledger.keep(new Set([KEY]), now)
    const found = order.read(redis.get(time), PIN, time + redis.ahead)
    assert.ok(!found || !found.nonsense, found && found.nonsense)
    const wanted = this.ledger.take(KEY, found, now)
    if (wanted) {
      const at = time + redis.ahead + wanted.at - now
      redis.set(order.write(wanted, at, at + wanted.until - wanted.at), time + wanted.until - now)
      this.ledger.shared(KEY, wanted)
    }
    for (const due of this.ledger.due()) {
      due.isDone = true
      this.done.push(`${due.order} ${due.host || ''}`.trim())
    }
  }

  get held () {
    return this.ledger.held.get(KEY)
  }
}

class OneKey {
  text = ''
  until = 0
  constructor (ahead = 0) { this.ahead = ahead }
  get (time) { return time < this.until ? this.text : '' }
  set (text, until) { Object.assign(this, { text, until }) }
}

/** Hosts whose clocks began at different times. */
const hosts = (...names) => names.map((name, index) => new Host(name, 1000 + index * 7 * DAY))

describe('orders', () => {
  test('reach the other hosts, and end at the same moment on all, whatever their clocks say', () => {
    const [one, two, late] = hosts('one', 'two', 'late')
    const redis = new OneKey(100 * DAY - 37 * MINUTE)
    one.give(0, pinTo('a', 'one-1', { milliseconds: 10 * MINUTE }))
    one.look(redis, 100)
    two.look(redis, 900)
    late.look(redis, 4 * MINUTE)
    assert.deepEqual([one.done, two.done, late.done], [[], ['pin a'], ['pin a']])
    for (const host of [one, two, late]) assert.ok(Math.abs(host.held.until - host.clock(10 * MINUTE)) <= 1, host.name)
    late.look(redis, 10 * MINUTE + 2)
    assert.equal(late.held, undefined)
    assert.equal(redis.get(10 * MINUTE + 2), '')
  })

  test('that conflict: what Redis got last counts, where they were given at once', () => {
    const [one, two, three] = hosts('one', 'two', 'three')
    const redis = new OneKey()
    two.give(0, pinTo('b', 'two-1', { milliseconds: DAY }))
    one.give(1000, pinTo('a', 'one-1', { milliseconds: DAY }))
    one.look(redis, 1100)
    two.look(redis, 1200)
    for (const host of [one, two, three]) host.look(redis, 2200)
    assert.deepEqual([one.done, two.done, three.done], [['pin b'], [], ['pin b']])
    for (const host of [one, two, three]) host.look(redis, 3200)
    assert.deepEqual([one.done, two.done, three.done], [['pin b'], [], ['pin b']])
  })

  test('that a host could not share for minutes do not take the place of a younger one', () => {
    const [one, two] = hosts('one', 'two')
    const redis = new OneKey()
    one.give(0, pinTo('a', 'one-1', { milliseconds: DAY }))
    two.give(5 * MINUTE, pinTo('b', 'two-1', { milliseconds: DAY }))
    two.look(redis, 5 * MINUTE)
    one.look(redis, 6 * MINUTE)
    assert.deepEqual([one.done, two.done], [['pin b'], []])
  })

  test('are written again where Redis has lost them, or has come back with older ones', () => {
    const [one, two] = hosts('one', 'two')
    const redis = new OneKey()
    one.give(0, pinTo('a', 'one-1', { milliseconds: DAY }))
    one.look(redis, 1)
    const before = { ...redis }
    two.look(redis, 2)
    two.give(MINUTE, pinTo('b', 'two-1', { milliseconds: DAY }))
    two.look(redis, MINUTE)
    one.look(redis, MINUTE + 1)
    Object.assign(redis, before)
    one.look(redis, 2 * MINUTE)
    assert.match(redis.get(2 * MINUTE), /"host":"b"/)
    redis.set('', 0)
    two.look(redis, 3 * MINUTE)
    assert.match(redis.get(3 * MINUTE), /"host":"b"/)
    const { age, remains } = order.read(redis.get(3 * MINUTE), PIN, 3 * MINUTE)
    assert.deepEqual([age, remains], [2 * MINUTE, DAY - 2 * MINUTE])
    one.look(redis, 3 * MINUTE)
    assert.deepEqual([one.done, two.done], [['pin b'], ['pin a']])
  })

  test('that end something are for hosts that were there: one that starts later goes by its configuration', () => {
    const redis = new OneKey()
    const [one, two] = hosts('one', 'two')
    const late = new Host('late', 0)
    late.ledger = new Ledger(late.clock(10 * MINUTE))
    one.give(0, { order: 'unpin', id: 'one-1' })
    one.look(redis, 1)
    two.look(redis, 10 * MINUTE)
    late.look(redis, 10 * MINUTE)
    assert.deepEqual([two.done, late.done], [['unpin'], []])
  })

  test('are given anew to whoever carries them out anew', () => {
    const { ledger } = new Host('one', 0)
    ledger.give('pin', pinTo('a', '1', { milliseconds: DAY }), 5)
    ledger.give('drain', { order: 'undrain', host: 'a', port: 1, id: '2', by: 'one' }, 6)
    assert.deepEqual(ledger.due(), [])
    ledger.restart()
    assert.deepEqual(ledger.due().map(({ id }) => id), ['1'])
  })

  test('of what is not a whole order of this version nothing is believed', () => {
    const good = { v: 1, order: 'drain', host: '10.0.0.2', port: 11898, id: 'x-1', by: 'one', at: 5000, until: 5000 + DAY }
    const read = change => order.read(JSON.stringify({ ...good, ...change }), DRAIN, 6000)
    assert.deepEqual(read({ other: 1 }), { order: 'drain', host: '10.0.0.2', port: 11898, machine: undefined, id: 'x-1', by: 'one', age: 1000, remains: DAY - 1000 })
    assert.equal(read({ v: 2 }).nonsense, 'was written by another version')
    for (const change of [
      { order: 'pin' }, { order: 7 }, { order: undefined }, { host: '10.0.0.3' }, { host: ['10.0.0.2'] }, { port: '11898' }, { port: 1 }, { id: '' }, { id: 'a b' }, { id: null },
      { by: 'one\ntwo' }, { by: undefined }, { at: '5000' }, { at: null }, { at: -1 }, { at: 1e300 }, { until: 5000 }, { until: 5000 + 31 * DAY }, { machine: 7 }
    ]) assert.equal(read(change).nonsense, 'is no order of this program', JSON.stringify(change))
    for (const text of ['{', '[]', '7', 'null', '"drain"', '\u0000', '['.repeat(1000)]) assert.ok(order.read(text, DRAIN, 0).nonsense, text)
    assert.equal(order.read('x'.repeat(1025), DRAIN, 0).nonsense, 'is longer than 1024 bytes')
    assert.equal(order.read('', DRAIN, 0), null)
    assert.equal(read({ until: 5500 }), null)
  })

  test('do not last longer because the clock of Redis was set back', () => {
    const text = order.write(pinTo('a', '1'), 10 * DAY, 10 * DAY + MINUTE)
    const { age, remains } = order.read(text, PIN, 9 * DAY)
    assert.deepEqual([age, remains], [0, MINUTE])
  })

  test('about an address that each machine has for itself stay on that machine', () => {
    const [here, there] = [new Keys('coin', 'aaa'), new Keys('coin', 'bbb')]
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', 'a.localhost', '::1', '::ffff:127.0.0.1', '0.0.0.0']) {
      assert.ok(isLoopback(host), host)
      assert.notEqual(here.drain({ host, port: 1 }), there.drain({ host, port: 1 }))
    }
    for (const host of ['10.0.0.2', '128.0.0.1', 'localhost.example.com', '::2']) assert.equal(here.drain({ host, port: 1 }), there.drain({ host, port: 1 }))
    assert.equal(here.drain({ host: '::2', port: 1 }), 'coin:multiDaemon:drain:[::2]:1')
  })
})

const SUMMARY = {
  enabled: true,
  mode: 'multi',
  hold: false,
  current: { host: 'a', port: 1, tls: false },
  pin: { daemon: { host: 'a', port: 1, tls: false }, until: 9000 },
  drained: [{ host: 'b', port: 2 }],
  head: { height: 7, hash: 'a'.repeat(64) },
  healthy: 3,
  daemons: 4,
  blocks: [{ id: 0, at: 4000, height: 6, hash: null, told: 'accepted', late: false, by: null, seen: 2, depth: 1, orphaned: false }]
}
const ME = { name: 'one', run: 'r1', version: '0.1.0' }

describe('cards of hosts', () => {
  test('come out as they went in, with times by the reader\'s clock', () => {
    const text = cards.write(ME, SUMMARY, 105000, 100000)
    const { summary, age, name } = cards.read(text, 106000)
    assert.deepEqual([name, age, cards.shifted(summary, -100000)], ['one', 1000, SUMMARY])
  })

  test('have a limit, which costs the oldest blocks', () => {
    const wide = { host: 'h'.repeat(255), port: 1, tls: false }
    const blocks = Array.from({ length: 10 }, (_, id) => ({ ...SUMMARY.blocks[0], id, by: wide, hash: 'b'.repeat(64) }))
    const drained = Array.from({ length: 16 }, () => ({ host: 'é'.repeat(255), port: 1 }))
    const text = cards.write(ME, { ...SUMMARY, blocks, drained }, 5, 0)
    assert.ok(Buffer.byteLength(text) <= cards.LONGEST_CARD)
    const { summary } = cards.read(text, 5)
    assert.equal(summary.blocks[summary.blocks.length - 1].id, 9)
  })

  test('are believed as a whole or not at all', () => {
    const good = JSON.parse(cards.write(ME, SUMMARY, 5000, 0))
    const read = change => cards.read(JSON.stringify({ ...good, ...change }), 6000)
    assert.equal(read({}).name, 'one')
    assert.equal(read({ v: 0 }).nonsense, 'was written by another version')
    for (const change of [
      { name: 'a b' }, { name: 1 }, { run: undefined }, { at: 'now' }, { mode: 'x' }, { enabled: 1 }, { hold: null }, { current: null }, { current: { host: 'a', port: 0, tls: false } },
      { pin: 1 }, { pin: {} }, { drained: {} }, { drained: Array(17).fill({ host: 'a', port: 1 }) }, { head: 7 }, { head: { height: 1, hash: '<b>' } }, { healthy: 1.5 }, { daemons: -1 },
      { blocks: 'none' }, { blocks: [null] }, { blocks: [{ ...good.blocks[0], told: 'x' }] }, { blocks: [{ ...good.blocks[0], late: 1 }] }, { blocks: Array(11).fill(good.blocks[0]) }
    ]) assert.equal(read(change).nonsense, 'is not what a host tells of itself', JSON.stringify(change))
    for (const text of ['{', '7', 'null', 'x'.repeat(16385)]) assert.ok(cards.read(text, 0).nonsense)
    assert.equal(read({ blocks: [{ ...good.blocks[0], late: undefined }] }).summary.blocks[0].late, false, 'of an earlier version')
    assert.deepEqual(Object.keys(read({ evil: 1 }).summary), Object.keys(SUMMARY))
  })
})

describe('places of hosts', () => {
  const card = (name, run, at, now) => ({ name, run, at, age: now - at, summary: SUMMARY })
  const free = () => Array(PLACES).fill(null)

  test('one keeps its place, and leaves it to whoever has taken it', () => {
    const roster = new Roster(ME, 5)
    assert.deepEqual(roster.take(free()), { place: 5, isFree: true })
    const places = free()
    places[5] = card('one', 'r1', 10, 10)
    assert.deepEqual(roster.take(places), { place: 5, isFree: false })
    places[5] = card('two', 'r2', 11, 11)
    assert.deepEqual(roster.take(places), { place: 6, isFree: true })
    assert.deepEqual(roster.others.map(({ name }) => name), ['two'])
  })

  test('a host that was started again takes the place that it had, and is one host', () => {
    const roster = new Roster({ name: 'one', run: 'r2' }, 5)
    const places = free()
    places[20] = card('one', 'r1', 10, 11)
    assert.deepEqual(roster.take(places), { place: 20, isFree: false })
    assert.deepEqual([roster.others, roster.hasTwin], [[], false])
  })

  test('two processes of one name that are both alive are two hosts', () => {
    const roster = new Roster({ name: 'one', run: 'r2' }, 5)
    const places = free()
    places[20] = card('one', 'r1', 10, 11)
    roster.take(places)
    places[20] = card('one', 'r2', 12, 12)
    places[21] = card('one', 'r1', 13, 13)
    assert.deepEqual(roster.take(places), { place: 20, isFree: false })
    assert.deepEqual([roster.others.length, roster.hasTwin], [1, true])
  })

  test('where all are taken, the one that was silent longest goes, and nonsense stays', () => {
    const now = 100000
    const places = Array.from({ length: PLACES }, (_, index) => card(`h${index}`, `x${index}`, now - 1000, now))
    const roster = new Roster(ME, 5)
    assert.equal(roster.take(places).place, null)
    places[7] = card('h7', 'x7', now - 20000, now)
    places[9] = card('h9', 'x9', now - 30000, now)
    places[10] = { nonsense: 'x' }
    assert.deepEqual(roster.take(places), { place: 9, isFree: false })
    assert.deepEqual(new Roster(ME, 0).take(Array(PLACES).fill({ nonsense: 'x' })), { place: null, isFree: false })
  })

  test('a host is named the same after a restart, and never the same run', () => {
    const [one, other] = [identify(), identify()]
    assert.deepEqual([one.name, one.machine], [other.name, other.machine])
    assert.notEqual(one.run, other.run)
    assert.match(one.name, /^[\w.:-]{1,64}$/)
    assert.equal(identify('pool-1').name, 'pool-1')
  })
})

describe('a Redis that fails', () => {
  test('is mentioned once an outage, after some seconds, and once when it is steady again', () => {
    const log = new Lines()
    const outage = new Outage(log, 0)
    for (let now = 1000; now <= 60000; now += 1000) outage.bad('gone', now)
    outage.good(61000)
    outage.bad('gone', 62000)
    for (let now = 63000; now <= 70000; now += 1000) outage.good(now)
    outage.bad('gone', 71000)
    outage.good(72000)
    assert.deepEqual(log.said, ['warn orders are not shared with the pool\'s other hosts, and this host goes on by itself: gone', 'info the hosts of the pool share orders through Redis again'])
  })

  test('is asked nothing more while it owes an answer, however late that comes', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const waiting = []
    const round = new Round({ send: (words, callback) => waiting.push(callback) })
    const heard = []
    round.ask([['time'], ['get', 'x']], (error, replies) => heard.push(error ? error.message : replies))
    waiting[0](null, 'a')
    t.mock.timers.tick(2000)
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    assert.deepEqual([heard, round.isOver], [['Redis did not answer within 2000 ms'], false])
    waiting[1](null, 'b')
    assert.deepEqual([heard.length, round.isOver], [1, true])
    round.ask([['time']], (error, replies) => heard.push(error || replies))
    waiting[2](null, 'c')
    assert.deepEqual(heard[1], ['c'])
  })

  test('has a client, or it is none', () => {
    for (const value of [undefined, null, 7, 'redis://', {}, { send_command: 1 }, { get () {} }, () => {}]) assert.equal(isClient(value), false)
    assert.ok(isClient({ send_command () {}, connected: false, ready: false }))
    assert.ok(isClient({ call () {}, status: 'wait' }))
    assert.ok(isClient({ sendCommand () {}, isReady: false }))
  })
})
