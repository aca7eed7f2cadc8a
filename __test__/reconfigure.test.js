'use strict'

// Another configuration while the pool runs.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { faults, until } = require('../sim')
const { HookServer, answers } = require('./support/hook-server')
const { freePorts } = require('./support/ports')
const { until: untilSeen } = require('./support/until')
const { differences } = require('./support/declared')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')
const { send } = require('./support/sim')

const HOUR = 3600000

/** The letters of the daemons that are watched, in their order. */
const order = pool => pool.status.daemons.map(daemon => pool.nameOf(daemon)).join('')
const codes = pool => pool.status.switches.map(({ code }) => code)

describe('reconfigure()', { concurrency: 4 }, () => {
  test('keeps what is known of daemons that stay, and their connections, wherever they are', LIMIT, onPool(5, {}, async (pool, P, A, B, C, D) => {
    await pool.rounds()
    const before = pool.status
    const accepted = [P, B, D].map(daemon => daemon.accepted)
    pool.multiDaemon.reconfigure(configOf([D, B, P]))
    assert.equal(order(pool), 'DBP')
    assert.deepEqual(differences(pool.status, 'Status'), [])
    const { epoch, polls, primary, warnings } = pool.status
    assert.deepEqual([epoch, polls, primary.port, warnings.length], [before.epoch, before.polls, D.port, 1])
    for (const daemon of pool.status.daemons) {
      const was = before.daemons.find(({ port }) => port === daemon.port)
      assert.deepEqual({ ...daemon, primary: null }, { ...was, primary: null })
    }
    await pool.rounds()
    assert.deepEqual([pool.choice, [P, B, D].map(daemon => daemon.accepted)], ['multi P', accepted])
    await until(() => A.connections + C.connections === 0, { what: 'nobody talks to those that are gone' })
  }))

  test('polls a daemon that is new at once, and holds nobody up for it', LIMIT, onPool([{}, {}, {}, {}, {}], {}, async (pool, P, A, B, C, D) => {
    pool.multiDaemon.reconfigure(configOf([P, A, B]))
    pool.multiDaemon.reconfigure(configOf([P, A, B, D]))
    assert.equal(pool.verdicts, 'healthy healthy healthy unknown')
    await until(() => pool.verdicts === 'healthy healthy healthy healthy', { what: 'it is known' })
    assert.deepEqual([pool.choice, codes(pool)], ['multi P', []])
  }))

  test('leaves a daemon in use that is gone, at once', LIMIT, onPool(5, {}, async (pool, P, A, B, C, D) => {
    await P.crash()
    await pool.rounds()
    pool.multiDaemon.reconfigure(configOf([P, B, C, D]))
    assert.deepEqual([pool.inUse, codes(pool)], ['B', ['refused', 'reconfigured']])
    await until(() => pool.heard('switch').length === 2, { what: 'both switches are announced' })
    assert.equal(pool.heard('switch')[1][0].reason, `From ${A.address} to ${B.address}, because the configuration was replaced.`)
  }))

  test('lets other thresholds count', LIMIT, onPool(4, {}, (pool, P, A, B, C) => {
    pool.multiDaemon.reconfigure(configOf([P, A, B, C], { minHealthy: 5 }))
    assert.equal(pool.choice, 'single P')
    pool.multiDaemon.reconfigure(configOf([P, A, B, C], { pollingInterval: 20 }))
    assert.equal(pool.choice, 'multi P')
    return A.seen('/info', { times: 5 })
  }))

  test('keeps the operator\'s orders', LIMIT, onPool(5, {}, (pool, P, A, B, C, D) => {
    const { multiDaemon } = pool
    multiDaemon.drain(A.host, A.port)
    multiDaemon.pin(C.host, C.port, HOUR)
    multiDaemon.reconfigure(configOf([P, D, C, B, A]))
    assert.deepEqual([pool.inUse, pool.status.daemons[4].drained], ['C', true])
    multiDaemon.reconfigure(configOf([P, A, B, D]))
    assert.deepEqual([pool.inUse, pool.status.pin, codes(pool)], ['P', null, ['pinned', 'reconfigured']])
  }))

  test('of a bad configuration throws every mistake, and changes nothing', LIMIT, onPool(4, {}, (pool, P, A, B, C) => {
    const before = pool.status
    const { daemon, multiDaemon: block } = configOf([P, A, B, C])
    const bad = [
      [{ daemon, multiDaemon: { ...block, daemons: [], timeout: 'soon' } }, 2],
      [{ daemon, multiDaemon: { ...block, daemons: [{ host: 'a' }, { host: '', port: 0 }] } }, 3],
      [{ daemon: null, multiDaemon: block }, 1],
      [{ daemon: null, multiDaemon: { enabled: false } }, 1],
      [{ daemon, multiDaemon: { ...block, enabled: 'no' } }, 1],
      [null, 1], [undefined, 1], [7, 1]
    ]
    for (const [config, count] of bad) {
      assert.throws(() => pool.multiDaemon.reconfigure(config), ({ name, code, mistakes }) =>
        name === 'TypeError' && code === 'ERR_MULTI_DAEMON_CONFIG' && mistakes.length === count, JSON.stringify(config))
    }
    assert.deepEqual(pool.status, before)
  }))

  test('sets from when on a second daemon is asked as well', LIMIT, onPool(4, { hedgeAfter: false }, async (pool, P, A, B, C) => {
    const { multiDaemon } = pool
    await multiDaemon.rpc('getblockcount', {})
    P.hang()
    let answered = false
    const patient = multiDaemon.rpc('getblockcount', {}).finally(() => { answered = true })
    await P.seen('getblockcount')
    multiDaemon.reconfigure(configOf([P, A, B, C], { hedgeAfter: 20 }))
    assert.equal((await multiDaemon.rpc('getlastblockheader', {})).block_header.height, A.tip.height)
    assert.equal(answered, false, 'what is under way has the time that it began with')
    await P.crash()
    assert.equal((await patient).count, A.tip.height + 1)
  }))

  test('moves the gateway, which takes what is under way to its end', LIMIT, onPool(4, { hedgeAfter: false }, async (pool, P, A, B, C) => {
    const { multiDaemon } = pool
    const { gateway } = pool.status
    const [port] = await freePorts(1)
    P.behave(faults.slow(1000))
    const under = multiDaemon.rpc('getblockcount', {})
    await P.seen('getblockcount')
    multiDaemon.reconfigure(configOf([P, A, B, C], { gateway: { port } }))
    assert.deepEqual(pool.status.gateway, { host: '127.0.0.1', port })
    const nobodyAt = place => untilSeen('nobody listens there', () => send(place).catch(({ code }) => code), code => code === 'ECONNREFUSED')
    await nobodyAt(gateway)
    assert.equal(JSON.parse((await send(pool.status.gateway)).text).height, P.tip.height + 1)
    assert.equal((await under).count, P.tip.height + 1)
    multiDaemon.reconfigure(configOf([P, A, B, C], { gateway: false }))
    assert.equal(pool.status.gateway, null)
    await nobodyAt({ host: '127.0.0.1', port })
  }))

  test('serves the status page and posts switches where it says so, undisturbed where that is the same', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    const { multiDaemon } = pool
    const hook = await HookServer.listen(answers.status(204))
    const [port] = await freePorts(1)
    const page = password => fetch(`http://127.0.0.1:${port}/status.json`, password && { headers: { authorization: `Basic ${btoa(`:${password}`)}` } })
    const configured = status => configOf([P, A, B, C], { status, webhook: hook.url })
    try {
      multiDaemon.reconfigure(configured({ port }))
      const ok = async password => (await page(password).catch(() => ({ status: 0 }))).status
      await untilSeen('the page', () => ok(), status => status === 200)
      multiDaemon.pin(A.host, A.port, HOUR)
      await untilSeen('a post', () => pool.status.webhook, ({ delivered }) => delivered === 1)
      multiDaemon.reconfigure(configured({ port }))
      assert.deepEqual([await ok(), pool.status.webhook.delivered], [200, 1])
      multiDaemon.reconfigure(configured({ port, password: 'secret' }))
      await untilSeen('the page with a password', () => ok('secret'), status => status === 200)
      assert.equal(await ok(), 401)
      multiDaemon.reconfigure(configOf([P, A, B, C]))
      assert.deepEqual([await ok('secret'), pool.status.webhook], [0, undefined])
    } finally {
      await hook.close()
    }
  }))

  test('after stop() is an error', LIMIT, onPool(4, {}, async (pool, ...daemons) => {
    await pool.multiDaemon.stop()
    assert.throws(() => pool.multiDaemon.reconfigure(configOf(daemons)), { code: 'ERR_MULTI_DAEMON_STOPPED' })
  }))
})

describe('switched off and on', { concurrency: 4 }, () => {
  for (const [what, off] of [['with enabled false', ({ daemon }) => ({ daemon, multiDaemon: { enabled: false } })], ['without the block', ({ daemon }) => ({ daemon })]]) {
    test(`${what}: the primary, and no polls; then it starts anew`, LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
      const { multiDaemon } = pool
      const config = configOf([P, A, B, C])
      await P.crash()
      await pool.rounds()
      const { epoch } = pool.status
      multiDaemon.reconfigure(off(config))
      assert.deepEqual([pool.inUse, pool.status.enabled, pool.status.daemons], ['P', false, []])
      assert.ok(pool.status.epoch > epoch)
      assert.deepEqual(differences(pool.status, 'Status'), [])
      assert.deepEqual(pool.heard('switch').map(([{ code, to }]) => [code, to.port]), [['refused', A.port], ['reconfigured', P.port]])
      assert.deepEqual(pool.heard('mode').map(([mode]) => mode), ['multi', 'single'])
      assert.throws(() => multiDaemon.drain(A.host, A.port), { code: 'ERR_MULTI_DAEMON_DISABLED' })
      await until(() => A.connections + B.connections + C.connections === 0, { what: 'nobody is polled' })
      multiDaemon.reconfigure(config)
      const { enabled, healthy } = await multiDaemon.ready
      assert.deepEqual([enabled, healthy, pool.inUse], [true, 3, 'A'])
    }))
  }

  test('what began switched off is switched on', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const multiDaemon = new MultiDaemon({ daemon: { host: P.host, port: P.port } })
    try {
      const daemon = multiDaemon.getDaemon()
      multiDaemon.reconfigure(configOf([P, A, B, C]))
      assert.equal(multiDaemon.getDaemon(), daemon)
      assert.equal((await multiDaemon.ready).mode, 'multi')
      multiDaemon.pin(B.host, B.port, HOUR)
      assert.equal(multiDaemon.getDaemon().port, B.port)
    } finally {
      await multiDaemon.stop()
    }
  }))

  test('switched off with another primary, it is used at once', LIMIT, onNetwork(2, (network, P, A) => {
    const multiDaemon = new MultiDaemon({ daemon: { host: P.host, port: P.port } })
    const switches = []
    multiDaemon.on('switch', ({ code, from, to }) => switches.push([code, from.port, to.port]))
    multiDaemon.reconfigure({ daemon: { host: A.host, port: A.port } })
    assert.deepEqual([multiDaemon.getDaemon().port, switches], [A.port, [['reconfigured', P.port, A.port]]])
  }))
})
