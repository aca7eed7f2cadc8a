'use strict'

// What a daemon says of upgrades of its network: a warning before, a reason after.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { LIMIT, onPool } = require('./support/pool')

/** The chain of a test begins at 50; at 30 seconds a block, a week is 20,160 of them. */
const START = 50
const A_WEEK = 20160

describe('upgrades', { concurrency: 4 }, () => {
  for (const dialect of ['turtlecoin-0.28.3', 'turtlecoin-1.0']) {
    test(`what a ${dialect} says of upgrades is read`, LIMIT, onPool([{}, {}, {}, { dialect }], {}, async (pool, P, A, B, C) => {
      C.setUpgrades({ heights: [40, 52, 60], supported: 40 })
      await pool.rounds()
      assert.ok(pool.status.warnings.some(text => text.startsWith(`${C.address} needs an upgrade: the network upgrades at 52,`)))
    }))
  }

  test('the pool leaves an outdated primary, and it is healthy again once it is upgraded', LIMIT, onPool(4, {}, async (pool, P) => {
    P.setUpgrades({ heights: [START], supported: 40 })
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'outdated healthy healthy healthy')
    const { upgrade, supported, message } = pool.status.daemons[0].reason
    assert.deepEqual({ upgrade, supported }, { upgrade: START, supported: 40 })
    assert.equal(message, 'outdated: the network upgraded at 50, its software supports only up to 40')
    assert.equal(pool.path, 'PA')
    assert.equal(pool.heard('switch')[0][0].code, 'outdated')
    P.setUpgrades({ heights: [START], supported: START })
    await pool.roundsUntil(() => pool.verdicts === 'healthy healthy healthy healthy', 'P is healthy')
  }))

  test('a week before, a warning says so, anew with each day', LIMIT, onPool(4, {}, async (pool, P) => {
    const upgrade = START + A_WEEK + 1
    P.setUpgrades({ heights: [upgrade], supported: 40 })
    await pool.rounds(2)
    const before = pool.status.warnings
    pool.network.mine()
    const news = new Promise(resolve => process.on('warning', function hear ({ message }) {
      if (!message.includes(P.address)) return
      process.off('warning', hear)
      resolve(message)
    }))
    await pool.rounds()
    const text = `${P.address} needs an upgrade: the network upgrades at ${upgrade}, in 7 days, and its software supports only up to 40`
    assert.deepEqual(pool.status.warnings, [...before, text])
    assert.equal(await news, text)
    await pool.rounds(2)
    assert.deepEqual(pool.status.warnings, [...before, text])
    pool.network.mine()
    await pool.rounds()
    assert.deepEqual(pool.status.warnings, [...before, text.replace('7 days', '6 days')])
    assert.equal(pool.everBad, '')
  }))

  test('what one daemon says of upgrades concerns nobody else', LIMIT, onPool(4, {}, async (pool, P, A) => {
    A.setUpgrades({ heights: [1], supported: 0 })
    await pool.rounds(3)
    assert.equal(pool.verdicts, 'healthy outdated healthy healthy')
    assert.equal(pool.path, 'P')
  }))
})
