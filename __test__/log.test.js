'use strict'

// What a pool's log says: one line for each change, with its evidence, and nothing while nothing changes.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const Log = require('../lib/attach/log')
const { partsOf } = require('../lib/parts')
const Native = require('../lib/source/native')
const { Child } = require('./support/child')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')

/** Gives a test on a pool whose log is in `lines`, as `severity: text`, with the names of daemons in the place of their addresses. */
const onLoggedPool = (size, options, run) => onPool(size, options, async (pool, ...daemons) => {
  const lines = []
  const log = new Log((severity, system, text, data) => {
    assert.deepEqual([system, text, data.length], ['multiDaemon', '%s', 1])
    lines.push(`${severity}: ${data[0]}`.replace(/127\.0\.0\.1:(\d+)/g, (address, port) => pool.nameOf({ host: '127.0.0.1', port: Number(port) })))
  })
  partsOf(pool.multiDaemon).add(log)
  await run({ pool, lines }, ...daemons)
})

test('nothing, for as long as nothing changes', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }) => {
  for (let round = 0; round < 10; round++) {
    pool.network.mine()
    await pool.rounds()
  }
  assert.deepEqual(lines, [])
}))

test('a fork, with its height, its depth and how the votes stand', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }, P, A, B, C) => {
  pool.network.mine(3, { on: C })
  pool.network.mine(3, { on: [P, A, B] })
  await pool.rounds(3)
  assert.deepEqual(lines, ['warn: C is unhealthy: forked at 51, 3 deep; branch of P has 3 of 4 votes'])
}))

test('a lag, with the blocks, and that it is over, how long that took and what it was', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }, P, A, B, C) => {
  C.lag(5)
  pool.network.mine(5)
  await pool.rounds(2)
  C.lag(0)
  await pool.rounds(2)
  assert.equal(lines[0], 'warn: C is unhealthy: on same chain, lagging behind other nodes by 5 blocks')
  assert.match(lines[1], /^info: C is healthy again after \d+ s; it was unhealthy: on same chain, lagging behind other nodes by 5 blocks$/)
  assert.equal(lines.length, 2)
}))

test('what a daemon was before, where that was no good either, and nothing that a daemon which has left was', () => {
  const lines = []
  const log = new Log((severity, system, text, data) => lines.push(`${severity}: ${data[0]}`.replace(/after \d+ s/, 'after … s')))
  const reasons = { unresponsive: { code: 'refused', message: 'connection refused' }, unhealthy: { code: 'syncing', message: 'syncing: at 7 of 9' } }
  const is = (state, before) => log.change({ event: 'daemon', daemon: { host: 'a', port: 1, state, reason: reasons[state] || null }, before })
  is('healthy', 'unknown')
  is('unresponsive', 'healthy')
  is('unhealthy', 'unresponsive')
  is('healthy', 'unhealthy')
  is('unresponsive', 'healthy')
  is('healthy', 'unknown')
  is('unknown', 'healthy')
  is('unhealthy', 'unknown')
  assert.deepEqual(lines, [
    'info: a:1 is healthy',
    'warn: a:1 is unresponsive: connection refused',
    'warn: a:1 is unhealthy: syncing: at 7 of 9; before that, it was unresponsive: connection refused',
    'info: a:1 is healthy again after … s; at last it was unhealthy: syncing: at 7 of 9',
    'warn: a:1 is unresponsive: connection refused',
    'info: a:1 is healthy',
    'warn: a:1 is not judged yet',
    'warn: a:1 is unhealthy: syncing: at 7 of 9; before that, it was not judged yet'
  ])
})

test('that a daemon which was never healthy before is so now', () => {
  const lines = []
  const log = new Log((severity, system, text, data) => lines.push(data[0]))
  const daemon = { host: 'a', port: 1, state: 'unresponsive', reason: { code: 'refused', message: 'connection refused' } }
  log.change({ event: 'daemon', daemon, before: 'unknown' })
  log.change({ event: 'daemon', daemon: { ...daemon, state: 'healthy', reason: null }, before: 'unresponsive' })
  assert.deepEqual(lines.map(line => line.replace(/\d+/g, 'N')), ['a:N is unresponsive: connection refused', 'a:N is healthy after N s; it was unresponsive: connection refused'])
})

test('a crash and the switch that follows, with the votes', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }, P) => {
  await P.crash()
  await pool.rounds()
  assert.equal(lines[0], 'warn: P is unresponsive: connection refused')
  assert.deepEqual(lines.slice(1), ['warn: From P to A, because P: connection refused; 3 of 3 other votes agree.'])
}))

test('the mode and a hold, and what to make of them', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }, P, A, B, C) => {
  pool.network.mine(3, { on: [P, A] })
  pool.network.mine(3, { on: [B, C] })
  await pool.rounds(3)
  assert.deepEqual(lines, [
    'warn: hold: the daemons disagree; do not mark blocks as orphaned now',
    'warn: B is unhealthy: forked at 51, 3 deep; branch of P has 2 of 4 votes',
    'warn: C is unhealthy: forked at 51, 3 deep; branch of P has 2 of 4 votes',
    'error: mode single: 2 of 4 daemons healthy, too few to compare; using P'
  ])
}))

test('that too few are healthy from the beginning', () => {
  const lines = []
  const log = new Log((severity, system, text, data) => lines.push(`${severity}: ${data[0]}`))
  const status = { enabled: true, healthy: 2, daemons: [1, 2, 3, 4], current: { host: 'p', port: 1 } }
  log.hear([{ event: 'ready', status: { ...status, mode: 'multi' } }, { event: 'ready', status: { ...status, mode: 'single' } }])
  assert.deepEqual(lines, ['error: mode single: 2 of 4 daemons healthy, too few to compare; using p:1'])
})

test('a hold of daemons that agree, but may all be cut off', LIMIT, onLoggedPool(4, { coinDifficultyTarget: 0.1, stallAfter: 3600000, devianceGrace: 200 }, async ({ pool, lines }) => {
  pool.network.isolate()
  await pool.roundsUntil(() => lines.some(line => line.includes('hold')), 'a hold')
  assert.deepEqual(lines.filter(line => line.includes('hold')), ['warn: hold: P may be cut off from the network (isolated); do not mark blocks as orphaned now'])
}))

test('a hold is about the daemon in use, not about another one that is isolated', () => {
  const lines = []
  const [P, A] = ['p', 'a'].map(host => ({ host, port: 1, reason: null }))
  const log = new Log((severity, system, text, data) => lines.push(data[0]))
  log.change({ event: 'hold', hold: true, status: { current: { host: 'p', port: 1 }, daemons: [P, { ...A, reason: { code: 'isolated' } }] } })
  assert.deepEqual(lines, ['hold: the daemons disagree; do not mark blocks as orphaned now'])
})

test('what a daemon says cannot break a line', LIMIT, onLoggedPool(4, {}, async ({ pool, lines }, P, A, B, C) => {
  C.behave(exchange => exchange.send({ status: 200, type: 'application/json', body: '{"height":"\\n\\u001b[2J%s","status":"\n"}' }))
  await pool.rounds(2)
  assert.equal(lines.length, 1)
  assert.match(lines[0], /^warn: C is unhealthy: [ -~]+$/)
}))

test('what native code has to say besides, with its severity', LIMIT, () => {
  const said = []
  const watch = new Native(configOf([{ host: '127.0.0.1', port: 9 }, { host: '127.0.0.1', port: 7 }]), {}, (severity, text) => said.push([severity, text]))
  said.length = 0
  watch.take([{ event: 'log', severity: 'info', text: 'moved' }, { event: 'warning', text: 'doubtful' }])
  watch.stop()
  assert.deepEqual(said, [['info', 'moved'], ['warn', 'doubtful']])
})

test('what becomes of blocks', () => {
  const lines = []
  const log = new Log((severity, system, text, data) => lines.push(`${severity}: ${data[0]}`))
  const block = { id: 0, at: 5, height: 1204334, hash: null, told: 'accepted', late: false, by: { host: '::1', port: 11898, tls: false }, seen: 1, depth: null, orphaned: false }
  const submitted = change => ({ event: 'submitted', block: { ...block, ...change } })
  log.hear([
    submitted({}),
    submitted({ by: null, seen: 3 }),
    submitted({ told: 'refused', by: null }),
    submitted({ told: 'refused', late: true, by: null }),
    submitted({ told: 'unknown', by: null }),
    submitted({ told: 'unknown', by: null, height: null }),
    { event: 'lost', block: { ...block, orphaned: true } }
  ])
  assert.deepEqual(lines, [
    'info: the block at 1204334 was accepted by [::1]:11898',
    'info: the block at 1204334 was accepted: it is in the chain of 3 of the daemons',
    'warn: the block at 1204334 was refused: no daemon accepts it',
    'warn: the block at 1204334 was refused, because it came too late: another block has its place in the chain',
    'error: it is not known whether the block at 1204334 was accepted',
    'error: it is not known whether a block was accepted',
    'error: the block at 1204334 was accepted, but another block has its place in the chain now'
  ])
})

test('where the gateway is, and that there is none', () => {
  const lines = []
  const log = new Log((severity, system, text, data) => lines.push(`${severity}: ${data[0]}`))
  log.hear([{ event: 'gateway', gateway: { host: '127.0.0.1', port: 8119 } }, { event: 'gateway', gateway: null }])
  assert.deepEqual(lines, ['info: requests go through the gateway at 127.0.0.1:8119', 'warn: there is no gateway: the pool asks the daemon in use directly'])
})

test('a log that throws loses nothing else: what it does not take is on stderr, and listeners, workers and the gateway go on', LIMIT, onNetwork(4, async (network, P, A) => {
  const child = new Child(async (report, config) => {
    const multiDaemon = require('.').attach(config, { log () { throw new Error('no space left on device') } })
    multiDaemon.on('switch', ({ to }) => report([to.port, multiDaemon.getDaemon().port]))
    await multiDaemon.ready
    report(config.daemon.port === multiDaemon.getStatus().gateway.port)
    process.stdin.once('data', () => multiDaemon.refresh())
  }, { args: [configOf(network.daemons)] })
  try {
    assert.equal(await child.next(), true)
    await P.crash()
    child.proceed()
    assert.deepEqual(await child.next(), [A.port, A.port])
  } finally {
    child.kill()
  }
  const { stderr } = await child.ended
  assert.equal(stderr.match(/\[multiDaemon\] warn: the pool's logger throws an error, so these lines go to stderr: no space left on device\n/g).length, 1)
  assert.match(stderr, new RegExp(`\\[multiDaemon\\] warn: ${P.address} is unresponsive: `))
}))

test('without a log, attach() writes lines on stderr', LIMIT, onNetwork(4, async (network, P, A) => {
  const child = new Child(async (report, config) => {
    const multiDaemon = require('.').attach(config)
    await multiDaemon.ready
    multiDaemon.on('switch', () => setImmediate(() => { process.stdin.destroy(); multiDaemon.stop() }))
    report(null)
    process.stdin.resume()
  }, { args: [configOf(network.daemons, { pollingInterval: 50 })] })
  try {
    await child.next()
    await P.crash()
    const { code, stderr } = await child.ended
    const lines = stderr.trim().split('\n')
    for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[0-9:.]+Z \[multiDaemon\] (info|warn|error): ./)
    assert.match(lines[0], /info: requests go through the gateway at 127\.0\.0\.1:\d+$/)
    assert.match(lines[5], /info: mode multi: 4 of 4 daemons healthy$/)
    assert.match(lines[7], new RegExp(`warn: From ${P.address} to ${A.address}, because `))
    assert.deepEqual([lines.length, code], [8, 0])
  } finally {
    child.kill()
  }
}))
