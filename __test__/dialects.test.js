'use strict'

// Daemons of every family on one chain, and what a poll costs each of them.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { until } = require('../sim')
const { LIMIT, onPool } = require('./support/pool')

const SPEAKING = ['turtlecoin-0.28.3', 'turtlecoin-legacy', 'monerod']
const MIXED = [...SPEAKING, 'turtlecoin-1.0'].map(dialect => ({ dialect }))

describe('a mixed network', { concurrency: 4 }, () => {
  test('agrees on one chain', LIMIT, onPool(MIXED, {}, async (pool, P) => {
    for (let block = 0; block < 3; block++) {
      pool.network.mine()
      await pool.rounds()
    }
    assert.equal(pool.verdicts, 'healthy healthy healthy no-json-rpc')
    assert.equal(pool.choice, 'multi P')
    for (const { height, hash, lag } of pool.status.daemons) assert.deepEqual([height, hash, lag], [P.tip.height, P.tip.hash, 0])
    assert.deepEqual(pool.status.head, { height: P.tip.height, hash: P.tip.hash })
  }))

  test('tells versions and connections where the daemon does', LIMIT, onPool(MIXED, {}, pool => {
    const told = pool.status.daemons.map(({ version, incoming, outgoing }) => [version, incoming, outgoing])
    assert.deepEqual(told.map(([version]) => version === null ? null : typeof version), ['string', null, 'string', 'string'])
    for (const [, incoming, outgoing] of told) assert.deepEqual([incoming, outgoing], [12, 8])
  }))

  test('finds the legacy daemon on a fork of its own', LIMIT, onPool(MIXED, { minHealthy: 2 }, async (pool, P, legacy) => {
    pool.network.partition(legacy)
    pool.network.mine(2)
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy forked healthy no-json-rpc')
  }))

  test('never selects the daemon without JSON-RPC, not even as the last that answers', LIMIT, onPool(MIXED, { fallback: 'best' }, async (pool, ...daemons) => {
    for (const daemon of daemons.slice(0, 3)) {
      await daemon.crash()
      await pool.rounds(2)
      assert.notEqual(pool.inUse, 'C')
    }
    assert.equal(pool.choice, 'single P')
  }))
})

test('a restricted monerod hides its connections and is healthy', LIMIT, onPool(Array(4).fill({ dialect: 'monerod', restricted: true }), {}, async pool => {
  await pool.rounds()
  assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
  for (const { incoming, outgoing } of pool.status.daemons) assert.deepEqual([incoming, outgoing], [null, null])
}))

for (const dialect of SPEAKING) {
  test(`${dialect} with a busy core is syncing, and healthy again two polls after`, LIMIT, onPool([{}, { dialect }, {}, {}], {}, async (pool, P, A) => {
    A.busy()
    await pool.rounds()
    assert.equal(pool.verdicts, 'healthy syncing healthy healthy')
    assert.equal(pool.choice, 'multi P')
    A.busy(false)
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
  }))
}

test('a daemon that comes back in another version is recognised anew', LIMIT, onPool([{}, { dialect: 'turtlecoin-legacy' }, {}, {}], {}, async (pool, P, A) => {
  await A.crash()
  await pool.rounds()
  A.dialect = P.dialect
  await A.recover()
  await pool.rounds(2)
  assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
  assert.equal(pool.status.daemons[1].version, '0.28.3')
}))

describe('the steady state', { concurrency: 2 }, () => {
  test('is two requests a poll and one connection per daemon', LIMIT, onPool(MIXED, {}, async (pool, ...daemons) => {
    // The blocks below the first view are asked for once.
    await pool.rounds()
    const before = daemons.map(daemon => daemon.count())
    for (let poll = 0; poll < 10; poll++) {
      if (poll % 2) pool.network.mine()
      await pool.rounds()
    }
    assert.deepEqual(daemons.map((daemon, index) => daemon.count() - before[index]), [20, 20, 20, 20])
    assert.deepEqual(daemons.map(({ accepted }) => accepted), [1, 1, 1, 1])
    assert.deepEqual(daemons.map(({ connections }) => connections), [1, 1, 1, 1])
  }))

  test('is the same with polls by the clock', LIMIT, onPool(4, { pollingInterval: 50 }, async (pool, ...daemons) => {
    const { polls } = pool.status
    await until(() => pool.status.polls >= polls + 40, { what: '40 polls', timeout: 30000 })
    await pool.multiDaemon.stop()
    for (const daemon of daemons) {
      const { '/info': infos, getlastblockheader: headers } = daemon.counts()
      assert.ok(infos - headers <= 1, 'the last poll may have been cut off between them')
      assert.equal(daemon.accepted, 1)
    }
  }))

  test('counts every poll of every daemon', LIMIT, onPool(4, {}, async pool => {
    const { polls } = pool.status
    await pool.rounds(3)
    assert.equal(pool.status.polls - polls, 12)
  }))
})
