'use strict'

// What an operator orders while the pool runs: drain, undrain, pin, unpin.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { until } = require('../sim')
const { differences } = require('./support/declared')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')

const HOUR = 3600000
const BEST = { fallback: 'best' }

/** What something throws, without its words. */
const thrownBy = order => {
  try {
    order()
  } catch (error) {
    return error
  }
  return null
}

describe('drain()', { concurrency: 4 }, () => {
  test('has happened when it returns, and undrain() gives the daemon back at once', LIMIT, onPool(4, {}, async (pool, P, A) => {
    const { multiDaemon } = pool
    multiDaemon.drain(P.host, P.port)
    assert.equal(pool.inUse, 'A')
    const [{ drained, state, reason }] = pool.status.daemons
    assert.deepEqual([drained, state, reason], [true, 'unhealthy', { code: 'draining', message: 'drained by the operator' }])
    assert.deepEqual(differences(pool.status, 'Status'), [])
    const { code, to, epoch } = pool.status.switches[0]
    assert.deepEqual([code, to.port, epoch], ['draining', A.port, pool.status.epoch])
    multiDaemon.undrain(P.host, P.port)
    assert.deepEqual([pool.verdicts, pool.inUse], ['healthy healthy healthy healthy', 'A'])
    const changes = () => pool.heard('daemon').filter(([, before]) => before !== 'unknown').map(([{ state }, before]) => `${before} to ${state}`)
    await until(() => changes().length === 2, { what: 'both changes are announced' })
    assert.deepEqual([pool.path, changes()], ['PA', ['healthy to unhealthy', 'unhealthy to healthy']])
  }))

  test('keeps a daemon watched, and uses it when nothing else answers', LIMIT, onPool(4, BEST, async (pool, P, A, B, C) => {
    pool.multiDaemon.drain(P.host, P.port)
    const polls = P.count('/info')
    for (const daemon of [A, B, C]) await daemon.crash()
    await pool.rounds()
    assert.deepEqual([pool.choice, P.count('/info') > polls], ['single P', true])
  }))

  test('of the primary counts in mode single too', LIMIT, onPool(3, {}, (pool, P) => {
    pool.multiDaemon.drain(P.host, P.port)
    assert.equal(pool.choice, 'single A')
  }))

  test('spares a daemon the reads, and offers it found blocks all the same where nobody else takes them', LIMIT, onPool(5, { hedgeAfter: 1 }, async (pool, P, A, B, C, D) => {
    const { multiDaemon } = pool
    multiDaemon.drain(P.host, P.port)
    multiDaemon.drain(B.host, B.port)
    A.hang()
    const read = await multiDaemon.rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'T'.repeat(99) })
    assert.equal(read.height, C.tip.height + 1)
    assert.deepEqual([P, B].map(daemon => daemon.count('getblocktemplate')), [0, 0])
    for (const daemon of [A, C, D]) await daemon.crash()
    assert.deepEqual(await multiDaemon.rpc('submitblock', [read.blocktemplate_blob]), { status: 'OK' })
    assert.deepEqual([P, A, B, C, D].map(daemon => daemon.submitted.length), [1, 0, 0, 0, 0])
  }))

  test('takes a daemon from the configuration back into use with undrain()', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const multiDaemon = new MultiDaemon(configOf([P, A, B, { host: C.host, port: C.port, drain: true }]))
    try {
      await multiDaemon.ready
      assert.equal(multiDaemon.getStatus().daemons[3].drained, true)
      await multiDaemon.refresh()
      multiDaemon.undrain(C.host, String(C.port))
      const { state, drained } = multiDaemon.getStatus().daemons[3]
      assert.deepEqual([state, drained], ['healthy', false])
    } finally {
      await multiDaemon.stop()
    }
  }))
})

describe('pin()', { concurrency: 4 }, () => {
  test('has happened when it returns, and unpin() ends it at once', LIMIT, onPool(4, {}, async (pool, P, A, B) => {
    const { multiDaemon } = pool
    const before = Date.now()
    multiDaemon.pin(B.host, B.port, HOUR)
    assert.equal(pool.inUse, 'B')
    const { pin, switches: [{ code, from, to }] } = pool.status
    assert.deepEqual([pin.daemon, code, from.port, to.port], [multiDaemon.getDaemon(), 'pinned', P.port, B.port])
    assert.ok(pin.until >= before + HOUR && pin.until <= Date.now() + HOUR)
    assert.deepEqual(differences(pool.status, 'Status'), [])
    multiDaemon.unpin()
    assert.deepEqual([pool.inUse, pool.status.pin], ['P', null])
    assert.deepEqual(pool.status.switches.map(({ code }) => code), ['pinned', 'unpinned'])
  }))

  test('ends by itself, even with a blocked event loop', LIMIT, onPool(4, {}, async (pool, P, A, B) => {
    const { multiDaemon } = pool
    const before = Date.now()
    multiDaemon.pin(B.host, B.port, 50)
    while (multiDaemon.getDaemon().port === B.port) assert.ok(Date.now() < before + LIMIT.timeout)
    assert.deepEqual([pool.inUse, pool.status.pin], ['P', null])
    await until(() => pool.heard('switch').length === 2, { what: 'both switches are announced' })
    assert.deepEqual(pool.heard('switch').map(([{ code }]) => code), ['pinned', 'unpinned'])
  }))

  test('wins over everything: a dead daemon, a drained one, the mode single', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    const { multiDaemon } = pool
    await B.crash()
    await C.crash()
    multiDaemon.drain(B.host, B.port)
    await pool.rounds()
    multiDaemon.pin(B.host, B.port, HOUR)
    await pool.rounds()
    assert.deepEqual([pool.choice, pool.verdicts], ['single B', 'healthy healthy refused refused'])
    multiDaemon.unpin()
    multiDaemon.unpin()
    assert.equal(pool.choice, 'single P')
  }))

  test('holds before anything is known', LIMIT, onNetwork(4, async (network, ...daemons) => {
    daemons[0].hang()
    const multiDaemon = new MultiDaemon(configOf(daemons))
    try {
      multiDaemon.pin(daemons[3].host, daemons[3].port, HOUR)
      assert.equal(multiDaemon.getDaemon().port, daemons[3].port)
      multiDaemon.unpin()
      assert.equal(multiDaemon.getDaemon().port, daemons[0].port)
    } finally {
      await multiDaemon.stop()
    }
  }))

  test('makes templates from before worthless, as any switch does', LIMIT, onPool(4, {}, async (pool, P, A) => {
    pool.multiDaemon.pin(A.host, A.port, HOUR)
    await until(() => pool.multiDaemon.work === 1, { what: 'the work moves' })
  }))
})

describe('an order that cannot be carried out says why, and changes nothing', { concurrency: 4 }, () => {
  test('because the daemon is not watched', LIMIT, onPool(4, {}, (pool, P, A, B, C) => {
    const { multiDaemon } = pool
    const before = pool.status
    const nobody = [[P.host, 1], ['nobody.example', P.port], ['', String(A.port)]]
    for (const order of ['drain', 'undrain', 'pin']) {
      for (const [host, port] of nobody) {
        const error = thrownBy(() => multiDaemon[order](host, port, HOUR))
        assert.equal(error.code, 'ERR_MULTI_DAEMON_ARGUMENT')
        assert.ok(error.message.startsWith(`${order}: no daemon has host "${host}" and port ${JSON.stringify(port)}; there are `) && error.message.includes(A.address), error.message)
      }
    }
    const { message } = thrownBy(() => multiDaemon.drain('Nobody', 7))
    assert.equal(message, `drain: no daemon has host "Nobody" and port 7; there are ${[P, A, B, C].map(({ address }) => address).join(', ')}`)
    assert.deepEqual(pool.status, before)
  }))

  test('because what should name a daemon is no name', LIMIT, onPool(4, {}, (pool, P, A) => {
    const before = pool.status
    const { host, port } = A
    const hosts = [[undefined, 'undefined'], [null, 'null'], [12, '12'], [{ host }, `{"host":"${host}"}`], [[host], `["${host}"]`], [true, 'true']]
    const ports = [
      [undefined, 'undefined'], [null, 'null'], [-1, '-1'], [0, '0'], [NaN, 'NaN'], [65536, '65536'], [port + 0.5, String(port + 0.5)], [[port], `[${port}]`],
      ['', '""'], ['0x1', '"0x1"'], [`${port} `, `"${port} "`], [true, 'true'], ['9'.repeat(1000), `"${'9'.repeat(99)}…`]
    ]
    for (const order of ['drain', 'undrain', 'pin']) {
      const because = (host, port) => {
        const { code, message } = thrownBy(() => pool.multiDaemon[order](host, port, HOUR))
        assert.equal(code, 'ERR_MULTI_DAEMON_ARGUMENT')
        return message
      }
      for (const [odd, shown] of hosts) assert.equal(because(odd, port), `${order}: host: ${shown} is not a host name or an address`)
      for (const [odd, shown] of ports) assert.equal(because(host, odd), `${order}: port: ${shown} is not a port from 1 to 65535`)
    }
    assert.deepEqual(pool.status, before)
  }))

  test('because the time is none', LIMIT, onPool(4, {}, (pool, P, A) => {
    const before = pool.status
    for (const [time, shown] of [[0, '0'], [-1, '-1'], [NaN, 'NaN'], [Infinity, 'Infinity'], [2592000001, '2592000001'], ['60', '"60"'], [undefined, 'undefined'], [null, 'null']]) {
      const { code, message } = thrownBy(() => pool.multiDaemon.pin(A.host, A.port, time))
      assert.deepEqual([code, message], ['ERR_MULTI_DAEMON_ARGUMENT', `pin: milliseconds: ${shown} is not a whole number of milliseconds from 1 to 2592000000 (30 days)`])
    }
    assert.deepEqual(pool.status, before)
    pool.multiDaemon.pin(A.host, A.port, 2592000000)
    assert.equal(pool.inUse, 'A')
  }))

  test('because it was stopped', LIMIT, onPool(4, {}, async (pool, P, A) => {
    await pool.multiDaemon.stop()
    const before = pool.status
    for (const order of ['drain', 'undrain', 'pin', 'unpin']) {
      const { code, message } = thrownBy(() => pool.multiDaemon[order](A.host, A.port, HOUR))
      assert.deepEqual([code, message], ['ERR_MULTI_DAEMON_STOPPED', `${order}: called after stop()`])
    }
    assert.deepEqual(pool.status, before)
  }))

  test('because the feature is off', LIMIT, () => {
    const multiDaemon = new MultiDaemon({ daemon: { host: '127.0.0.1', port: 11898 } })
    for (const order of ['drain', 'undrain', 'pin', 'unpin']) {
      assert.equal(thrownBy(() => multiDaemon[order]('127.0.0.1', 11898, HOUR)).code, 'ERR_MULTI_DAEMON_DISABLED')
    }
  })
})
