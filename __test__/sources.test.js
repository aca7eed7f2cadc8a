'use strict'

// What lib/source/contract.js promises of a source, of each of them. A MultiDaemon knows them by that alone.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { isEnabled } = require('../lib/config')
const Follower = require('../lib/source/follower')
const Idle = require('../lib/source/idle')
const message = require('../lib/source/message')
const Native = require('../lib/source/native')
const Onlooker = require('../lib/source/onlooker')
const { differences } = require('./support/declared')
const { LIMIT, configOf, onNetwork } = require('./support/pool')
const { until } = require('./support/until')

const MEMBERS = {
  generation: 'object', shared: 'boolean', watches: 'boolean', decides: 'boolean', stopped: 'boolean', say: 'function', current: 'function', status: 'function', holds: 'function',
  gateway: 'function', isBusy: 'function', isSubmitting: 'function', figures: 'function', isReady: 'function', ready: 'function', refresh: 'function', drain: 'function', pin: 'function', unpin: 'function',
  reconfigure: 'function', inherit: 'function', stop: 'function'
}
const SILENT = { once () {}, info () {}, warn () {}, error () {}, line () {}, hear () {} }

/** A master that has one daemon less to offer each time, from the worker's side. */
class Master {
  constructor (status) {
    Object.assign(this, { status, epoch: status.epoch })
    this.tell(status.current)
  }

  tell (current) {
    const status = { ...this.status, current, epoch: ++this.epoch }
    process.emit('message', message.state({ source: 'master', interval: 60000, ready: true, status }))
  }
}

/**
 * By name: how one comes to be, and how another daemon comes into use there; `null` where that cannot be.
 * @type {Record<string, (network: object, config: object, ear: object) => Promise<{ source: object, switchTo: ((index: number) => unknown) | null }>>}
 */
const SOURCES = {
  'native code': async (network, config, ear) => {
    const source = new Native(config, ear, () => {})
    return { source, switchTo: index => source.pin(place(network.daemons[index]), 60000) }
  },
  'an onlooker': async (network, config, ear) => {
    const source = new Onlooker(config, ear, () => {})
    return { source, switchTo: index => source.pin(place(network.daemons[index]), 60000) }
  },
  'a follower': async (network, config, ear) => {
    const leading = new Native(config, { hear () {}, rebase () {} }, () => {})
    const status = await leading.ready()
    await leading.stop()
    const source = await following(config, ear, status)
    const master = new Master(status)
    return { source, switchTo: index => master.tell({ ...place(network.daemons[index]), tls: false }) }
  },
  'a follower without a master': async (network, config, ear) => {
    const source = new Follower(config, ear, SILENT, (config, ear) => new Native(config, ear, () => {}))
    return { source, switchTo: index => source.pin(place(network.daemons[index]), 60000) }
  },
  'an idle one': async (network, config) => ({ source: new Idle(config), switchTo: null })
}

/** One whose master left it something, so that it does not poll for itself. */
async function following (config, ear, status) {
  message.remember({ source: 'master', interval: 60000, status })
  try {
    return new Follower(config, ear, SILENT, () => { throw new Error('there is a master') })
  } finally {
    message.forget()
  }
}

const place = ({ host, port }) => ({ host, port })

/** Gives a test on a source of its own, with all that it tells in `ear`. */
const onSource = (create, run) => onNetwork(4, async network => {
  const ear = { heard: [], rebased: 0, hear (changes) { this.heard.push(...changes) }, rebase () { this.rebased++ } }
  const config = configOf(network.daemons)
  const { source, switchTo } = await create(network, config, ear)
  try {
    await run({ source, ear, network, config, switchTo })
  } finally {
    await source.stop()
  }
})

for (const [name, create] of Object.entries(SOURCES)) {
  describe(name, () => {
    test('has every member, each of its type', LIMIT, onSource(create, ({ source }) => {
      assert.deepEqual(Object.fromEntries(Object.keys(MEMBERS).map(member => [member, typeof source[member]])), MEMBERS)
      assert.ok(Number.isInteger(source.generation[0]) && source.generation[0] >= 0)
    }))

    test('has an answer at once, and tells when the first round has ended', LIMIT, onSource(create, async ({ source, config }) => {
      assert.deepEqual(place(source.current()), place(config.daemon))
      const status = await source.ready()
      assert.equal(source.isReady(), true)
      assert.deepEqual(differences(status, 'Status'), [])
      assert.deepEqual(differences(await source.ready(), 'Status'), [])
    }))

    test('answers each question as its snapshot does', LIMIT, onSource(create, async ({ source }) => {
      await source.ready()
      const status = source.status()
      const { host, port, tls } = source.current()
      assert.deepEqual([{ host, port, tls }, source.holds(), source.gateway()], [status.current, status.hold, status.gateway])
      assert.equal(status.enabled, source.watches)
      assert.equal(typeof source.figures(), 'object')
    }))

    test('gives snapshots that are the caller\'s own', LIMIT, onSource(create, async ({ source }) => {
      await source.ready()
      source.status().switches.push('not one')
      source.status().warnings = null
      assert.deepEqual(differences(source.status(), 'Status'), [])
    }))

    test('tells of another daemon in use after its number has moved and its answers are new', LIMIT, onSource(create, async ({ source, ear, network, switchTo }) => {
      await source.ready()
      if (switchTo === null) return assert.deepEqual([source.watches, ear.heard], [false, []])
      const moments = []
      const hear = ear.hear
      ear.hear = function (changes) {
        hear.call(this, changes)
        if (changes.some(({ event }) => event === 'switch')) moments.push([source.generation[0], place(source.current())])
      }
      const before = source.generation[0]
      switchTo(2)
      await until('the switch is told', () => moments.length, count => count > 0)
      const [[generation, inUse]] = moments
      assert.deepEqual(inUse, place(network.daemons[2]))
      if (source.shared) assert.notEqual(generation, before)
      const { switch: event } = ear.heard.find(({ event }) => event === 'switch')
      assert.deepEqual(differences(event, 'SwitchEvent'), [])
      assert.deepEqual(place(event.to), place(network.daemons[2]))
    }))

    test('takes orders, or refuses them as what they are', LIMIT, onSource(create, async ({ source, network }) => {
      await source.ready()
      const orders = [() => source.drain(place(network.daemons[1]), true), () => source.pin(place(network.daemons[1]), 1000), () => source.unpin()]
      for (const order of orders) {
        const code = codeOf(order)
        assert.ok(source.watches ? code === null || code === 'ERR_MULTI_DAEMON_NO_MASTER' : code === 'ERR_MULTI_DAEMON_DISABLED', `${code}`)
      }
    }))

    test('takes what led here from another source', LIMIT, onSource(create, async ({ source }) => {
      await source.ready()
      const { current, mode, epoch } = source.status()
      source.inherit([{ from: current, to: current, code: 'reconfigured', reason: 'x', votes: { branch: 0, all: 0 }, mode, epoch, at: 0 }])
      assert.deepEqual(differences(source.status(), 'Status'), [])
    }))

    test('gives the source that has another configuration, or says why there is none', LIMIT, onSource(create, async ({ source, config }) => {
      await source.ready()
      const sourceOf = config => isEnabled(config) ? new Native(config, { hear () {}, rebase () {} }, () => {}) : new Idle(config)
      let next
      try {
        next = source.reconfigure({ ...config, multiDaemon: { ...config.multiDaemon, enabled: false } }, sourceOf)
      } catch ({ code }) {
        return assert.equal(code, 'ERR_MULTI_DAEMON_WORKER')
      }
      assert.ok(next instanceof Idle)
      await next.stop()
    }))

    test('answers after stop() with what it knew, and tells nothing more', LIMIT, onSource(create, async ({ source, ear, config }) => {
      await source.ready()
      assert.equal(source.stopped, false)
      await source.stop()
      const told = ear.heard.length
      assert.equal(source.stopped, true)
      assert.deepEqual(place(source.current()), place(config.daemon))
      assert.deepEqual([await source.ready(), await source.refresh()].flatMap(status => differences(status, 'Status')), [])
      await source.stop()
      assert.equal(ear.heard.length, told)
    }))

    test('ends whatever waits for it at stop()', LIMIT, onSource(create, async ({ source, network }) => {
      network.daemons.forEach(daemon => daemon.hang())
      const waiting = [source.ready(), source.refresh()]
      await source.stop()
      assert.deepEqual((await Promise.all(waiting)).flatMap(status => differences(status, 'Status')), [])
    }))
  })
}

function codeOf (order) {
  try {
    order()
    return null
  } catch ({ code }) {
    return code
  }
}
