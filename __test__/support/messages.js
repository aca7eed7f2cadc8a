'use strict'

// What holds for anything that comes in place of a message between a pool's master and its workers.

const assert = require('node:assert/strict')
const fc = require('fast-check')
const Leader = require('../../lib/attach/leader')
const MultiDaemon = require('../../lib/multi-daemon')
const { partsOf } = require('../../lib/parts')
const Follower = require('../../lib/source/follower')
const Idle = require('../../lib/source/idle')
const message = require('../../lib/source/message')

/** Values that have surprised somebody before. */
const ODD = [null, true, 0, -0, -1, 0.5, 65536, 2 ** 31, 2 ** 53, 1e308, '', '0', 'x', 'constructor', '\u0000', [], [[]], {}, { length: 1 }, { toString: 1 }]

const EVENTS = ['switch', 'daemon', 'mode', 'hold', 'block', 'submitted', 'lost']
const VARIABLE = 'MULTI_DAEMON_STATE'
const CONFIG = { daemon: { host: '127.0.0.1', port: 11898 }, multiDaemon: { enabled: true, daemons: [{ host: '127.0.0.2', port: 11898 }] } }
const SILENT = { once () {}, info () {}, warn () {}, error () {}, line () {}, hear () {} }

const daemon = fc.record({ host: fc.constantFrom('127.0.0.1', 'a.example', '::1'), port: fc.oneof(fc.constant(11898), fc.integer({ min: 1, max: 65535 })), tls: fc.boolean() })
const reason = fc.record({ code: fc.constantFrom('lagging', 'timeout'), message: fc.string() })
const head = fc.record({ height: fc.nat(), hash: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)) })
const daemonStatus = fc.tuple(daemon, fc.constantFrom('healthy', 'unhealthy', 'unresponsive', 'unknown'), fc.option(reason), fc.boolean())
  .map(([daemon, state, reason, primary]) => ({ ...daemon, primary, state, reason }))
const modes = fc.constantFrom('single', 'multi')
const switchEvent = fc.record({ from: daemon, to: daemon, code: fc.constant('timeout'), reason: fc.string(), mode: modes, epoch: fc.nat(), at: fc.nat() })
const block = fc.record({
  id: fc.nat(), at: fc.nat(), height: fc.option(fc.nat()), hash: fc.option(fc.constant('c'.repeat(64))), told: fc.constantFrom('pending', 'accepted', 'refused', 'unknown'),
  late: fc.boolean(), by: fc.option(daemon), seen: fc.nat(4), depth: fc.option(fc.nat(20)), orphaned: fc.boolean()
})
const gateway = fc.record({ host: fc.constantFrom('127.0.0.1', '::1'), port: fc.integer({ min: 1, max: 65535 }) })
const status = fc.record({
  enabled: fc.constant(true), mode: modes, quorum: fc.boolean(), hold: fc.boolean(), epoch: fc.nat(10), current: daemon, primary: daemon, head: fc.option(head),
  healthy: fc.nat(9), daemons: fc.array(daemonStatus, { maxLength: 4 }), switches: fc.array(switchEvent, { maxLength: 2 }), polls: fc.nat(), warnings: fc.constant([]),
  blocks: fc.array(block, { maxLength: 2 }), gateway: fc.option(gateway)
})
const state = fc.record({ source: fc.constantFrom('1-1', '2-2'), interval: fc.integer({ min: 10, max: 86400000 }), ready: fc.boolean(), status }).map(message.state)
const fromMaster = fc.oneof(state, fc.tuple(fc.nat(5), status).map(([request, status]) => message.refreshed(request, status)))
const fromWorker = fc.oneof(
  fc.nat().map(message.refresh),
  fc.tuple(daemon, fc.boolean()).map(([daemon, drained]) => message.drain(daemon, drained)),
  fc.tuple(daemon, fc.integer({ min: 1, max: 10000 })).map(([daemon, milliseconds]) => message.pin(daemon, milliseconds)),
  fc.constant(message.unpin())
)

/** True messages, changed in a few places; and now and then anything at all. */
const changed = messages => fc.oneof(
  { weight: 9, arbitrary: fc.tuple(messages, fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(undefined, ...ODD), fc.jsonValue())), { maxLength: 3 })).map(change) },
  { weight: 1, arbitrary: fc.jsonValue() }
)

/** Each change replaces or takes out one member, however deep. Travels as text, as between processes. */
function change ([message, changes]) {
  const changed = JSON.parse(JSON.stringify(message))
  for (const [where, value] of changes) {
    const places = placesIn(changed)
    if (places.length === 0) break
    const [object, name] = places[where % places.length]
    if (value === undefined) delete object[name]
    else object[name] = structuredClone(value)
  }
  return JSON.parse(JSON.stringify(changed))
}

/** A worker hears them one after the other: it always has an answer, and it is the one that it heard last. */
function follow (texts) {
  const multiDaemon = new MultiDaemon(CONFIG, (config, ear) => new Follower(config, ear, SILENT, () => { throw new Error('no native code here') }))
  for (const event of EVENTS) multiDaemon.on(event, (...args) => JSON.stringify(args))
  const { source: worker } = partsOf(multiDaemon)
  try {
    let epochs = {}
    for (const text of texts) {
      worker.hear(text)
      const answer = multiDaemon.getDaemon()
      checkDaemon(answer)
      checkGateway(worker.gateway())
      JSON.stringify(multiDaemon.getStatus())
      if (!message.isOurs(text) || !message.isState(text)) continue
      const { source, status: { epoch, current: { host, port, tls }, gateway } } = text
      if (epoch < epochs[source]) continue
      assert.deepEqual({ ...answer }, { host, port, tls })
      assert.deepEqual(worker.gateway(), gateway)
      epochs = { [source]: epoch }
    }
  } finally {
    multiDaemon.stop()
  }
}

/** Stands where native code would, and notes what reaches it. */
class Recorder extends Idle {
  constructor (config) {
    super(config)
    this.watches = true
    this.asked = []
  }

  drain (daemon) {
    this.asked.push(['drain', daemon])
  }

  pin (daemon, milliseconds) {
    this.asked.push(['pin', daemon, milliseconds])
  }

  unpin () {}

  status () {
    return { ...super.status(), daemons: [CONFIG.daemon, ...CONFIG.multiDaemon.daemons] }
  }
}

/** The master hears a worker: what reaches native code is what native code takes. */
function lead (texts) {
  const multiDaemon = new MultiDaemon(CONFIG, config => new Recorder(config))
  const leader = new Leader(multiDaemon, CONFIG, SILENT)
  try {
    for (const text of texts) leader.take(null, text)
  } finally {
    leader.stop()
  }
  for (const [name, { host, port }, milliseconds = 1] of partsOf(multiDaemon).source.asked) {
    assert.equal(typeof host, 'string', name)
    assert.ok(isPort(port), `${name} ${port}`)
    assert.ok(milliseconds >= 1 && milliseconds < 2 ** 32, `${name} ${milliseconds}`)
  }
}

/** A worker starts with this in its environment: it is a state that can be worked with, or nothing. */
function start (text) {
  process.env[VARIABLE] = text
  try {
    const left = message.recall()
    if (left !== null) assert.ok(message.isState(left))
    follow([])
  } finally {
    message.forget()
  }
}

/** What a master leaves is what a worker finds. */
function leave (text) {
  message.remember(text)
  try {
    const { source, interval, status } = message.recall()
    const { mode, hold, epoch, current, primary, gateway, daemons } = text.status
    assert.deepEqual({ source, interval }, { source: text.source, interval: text.interval })
    assert.deepEqual(['mode', 'hold', 'epoch', 'current', 'primary', 'gateway'].map(name => status[name]), [mode, hold, epoch, current, primary, gateway])
    assert.deepEqual(status.daemons.map(({ host, state }) => [host, state]), daemons.map(({ host, state }) => [host, state]))
  } finally {
    message.forget()
  }
}

function checkDaemon ({ host, port, tls }) {
  assert.ok(typeof host === 'string' && isPort(port) && typeof tls === 'boolean', JSON.stringify({ host, port, tls }))
}

/** Where the pool would ask. */
function checkGateway (gateway) {
  assert.ok(gateway === null || (typeof gateway.host === 'string' && isPort(gateway.port)), JSON.stringify(gateway))
}

/** What a process of the pool really says is understood: otherwise nothing else here would be tried. */
function understand (texts) {
  for (const text of texts) assert.ok(message.isState(text) || message.isRefreshed(text), JSON.stringify(text))
}

function isPort (port) {
  return Number.isInteger(port) && port > 0 && port < 65536
}

/** Every member of every object and list in a value. @returns {Array<[holder: object, name: string]>} */
function placesIn (value) {
  return typeof value === 'object' && value !== null ? Object.keys(value).flatMap(name => [[value, name], ...placesIn(value[name])]) : []
}

const several = messages => fc.array(messages, { minLength: 1, maxLength: 6 })
const asText = messages => fc.oneof(messages.map(value => JSON.stringify(value)), fc.string())

/** By name: what comes, and what is done with it. @type {Record<string, { input: fc.Arbitrary<any>, holdFor: (input: any) => void }>} */
const PROPERTIES = {
  understand: { input: several(fromMaster.map(value => change([value, []]))), holdFor: understand },
  follow: { input: several(changed(fromMaster)), holdFor: follow },
  lead: { input: several(changed(fromWorker)), holdFor: lead },
  start: { input: asText(changed(state)), holdFor: start },
  leave: { input: state.map(value => change([value, []])), holdFor: leave }
}

module.exports = { PROPERTIES }
