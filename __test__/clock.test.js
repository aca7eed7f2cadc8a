'use strict'

// The time of day may be set to anything at any moment: nothing that is decided here goes by it.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const clock = require('../lib/clock')
const { Child } = require('./support/child')
const { LIMIT, configOf, onNetwork } = require('./support/pool')

const onPosix = process.platform === 'win32' ? { ...LIMIT, skip: 'there is no SIGSTOP' } : LIMIT

/** Runs something while the time of day is another one. */
function at (time, run) {
  const real = Date.now
  Date.now = () => time
  try {
    return run()
  } finally {
    Date.now = real
  }
}

test('the clock goes forward, whatever the time of day does', () => {
  const before = clock.now()
  const during = at(0, clock.now)
  assert.ok(before < during && during - before < LIMIT.timeout, `${before} ${during}`)
})

test('a worker notices that its master has stopped, though the time of day is set back an hour in that moment', onPosix, onNetwork(4, async (network, P) => {
  const master = new Child((report, config) => {
    const cluster = require('cluster')
    cluster.setupPrimary({ exec: require('path').resolve('__test__/support/clock-worker.js'), args: [JSON.stringify(config)], execArgv: [] })
    require('.').attach(config, { log () {} }).ready.then(() => cluster.fork())
  }, { args: [configOf(network.daemons, { pollingInterval: 100 })] })
  try {
    assert.deepEqual(await master.next(), { line: 'the master is silent: this worker polls for itself', port: P.port })
  } finally {
    master.kill()
    await master.ended
  }
}))
