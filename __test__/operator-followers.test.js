'use strict'

// What an operator orders on one process of a pool reaches all of them.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { withPool } = require('./standin/with-pool')
const { freePorts } = require('./support/ports')

const LIMIT = { timeout: 120000 }
const HOUR = 3600000
const isMulti = ({ status }) => status.mode === 'multi'
const uses = ({ address }) => ({ daemon }) => daemon === address
const asking = address => ({ asks }) => asks === address

/** Orders something in the process of this role, and gives the error, or null. */
async function order (pool, at, name, ...args) {
  const id = pool.command('order', { at, name, args })
  return (await pool.until(() => pool.all('ordered', { id })[0], `${at} ${name}`)).error
}

const mentions = (pool, text) => pool.log().filter(line => line.text.includes(text)).map(({ role, severity }) => `${role} ${severity}`)

describe('an order that a worker gives', () => {
  test('is the master\'s to carry out, and all follow', LIMIT, () => withPool({ poolServer: { clusterForks: 2 } }, async (pool, network, P, A, B) => {
    await pool.says('pool2', isMulti)
    await pool.says('pool1', isMulti)
    assert.equal(await order(pool, 'pool1', 'drain', P.host, P.port), null)
    for (const role of ['pool1', 'pool2', 'master']) await pool.says(role, uses(A))
    assert.equal(await order(pool, 'pool2', 'pin', B.host, B.port, HOUR), null)
    for (const role of ['pool1', 'pool2', 'master']) await pool.says(role, uses(B))
    const { status: { pin, daemons }, work, native } = await pool.status('pool1')
    assert.deepEqual([pin.daemon.port, daemons[0].drained, work, native], [B.port, true, 2, false])
    assert.equal(await order(pool, 'pool1', 'undrain', P.host, P.port), null)
    assert.equal(await order(pool, 'pool1', 'unpin'), null)
    for (const role of ['pool1', 'pool2', 'master']) await pool.says(role, uses(A))
    // A process's lines may come later than what another one says after it.
    await pool.until(() => mentions(pool, 'is over').length > 0, 'the end of the pin is mentioned')
    assert.deepEqual(mentions(pool, `pinned to ${B.address}`), ['master warn'])
    assert.deepEqual(mentions(pool, `the pin to ${B.address} is over`), ['master info'])
  }))

  test('is known to a worker that starts later, before the master has said a word', LIMIT, () => withPool({}, async (pool, network, P, A, B) => {
    await pool.says('pool1', isMulti)
    await order(pool, 'master', 'pin', B.host, B.port, HOUR)
    const { pid } = await pool.says('pool1', uses(B))
    const asked = P.count('getblocktemplate')
    pool.command('kill', { pid })
    await pool.until(() => pool.all('refresh', { role: 'pool1' }).find(report => report.pid !== pid), 'a new worker')
    assert.equal(P.count('getblocktemplate'), asked)
  }))

  test('that cannot be carried out throws there, as far as the worker can tell', LIMIT, () => withPool({}, async (pool, network, P) => {
    await pool.says('pool1', isMulti)
    const errors = [
      await order(pool, 'pool1', 'drain', P.host, 1),
      await order(pool, 'pool1', 'pin', P.host, P.port, -1)
    ]
    assert.deepEqual(errors.map(({ code }) => code), ['ERR_MULTI_DAEMON_ARGUMENT', 'ERR_MULTI_DAEMON_ARGUMENT'])
    const stop = pool.command('stop')
    await pool.until(() => pool.all('stopped', { id: stop }).length === 2, 'both stop')
    assert.equal((await order(pool, 'pool1', 'unpin')).code, 'ERR_MULTI_DAEMON_STOPPED')
  }))

  test('is given to itself while it judges for itself', LIMIT, () => withPool({ standin: { attach: 'workers' } }, async (pool, network, P, A) => {
    await pool.says('pool1', isMulti)
    assert.equal(await order(pool, 'pool1', 'pin', A.host, A.port, HOUR), null)
    assert.equal((await pool.status('pool1')).daemon, A.address)
  }))
})

describe('another configuration', () => {
  const block = (pool, change) => ({ ...pool.config, multiDaemon: { ...pool.config.multiDaemon, ...change } })

  test('that the master is given counts for its workers, and config.daemon goes on naming the gateway', LIMIT, () => withPool({}, async (pool, network, P, A, B, C) => {
    const { asks } = await pool.says('pool1', isMulti)
    await order(pool, 'master', 'pin', A.host, A.port, HOUR)
    await pool.says('pool1', uses(A))
    const config = { ...block(pool, { daemons: [P, B, C].map(({ host, port }) => ({ host, port })), pollingInterval: 40 }), daemon: { host: B.host, port: B.port } }
    assert.equal(await order(pool, 'master', 'reconfigure', config), null)
    const { daemon, status } = await pool.says('pool1', uses(P))
    assert.deepEqual([daemon, status.primary.port, status.daemons.length], [P.address, B.port, 3])
    assert.equal(status.switches.pop().code, 'reconfigured')
    await P.crash()
    await pool.says('pool1', ({ daemon }) => daemon !== P.address)
    assert.equal((await pool.says('master', uses(B))).daemon, B.address)
    for (const role of ['pool1', 'master']) assert.equal((await pool.status(role)).asks, asks)
  }))

  test('moves the gateway for all its workers, and for those to come, or ends it', LIMIT, () => withPool({}, async (pool, network, P, A) => {
    const { asks } = await pool.says('pool1', isMulti)
    const [port] = await freePorts(1)
    const there = `127.0.0.1:${port}`
    await order(pool, 'master', 'reconfigure', block(pool, { gateway: { port } }))
    const { pid } = await pool.says('pool1', asking(there))
    pool.command('kill', { pid })
    const { of, error } = await pool.until(() => pool.all('refresh', { role: 'pool1' }).find(report => report.pid !== pid), 'a new worker')
    assert.deepEqual([of, error], [there, null])
    await order(pool, 'master', 'reconfigure', block(pool, { gateway: false }))
    for (const role of ['pool1', 'master']) await pool.says(role, asking(P.address))
    await order(pool, 'master', 'pin', A.host, A.port, HOUR)
    for (const role of ['pool1', 'master']) await pool.says(role, asking(A.address))
    await order(pool, 'master', 'reconfigure', pool.config)
    const after = await pool.says('pool1', ({ status }) => status.gateway !== null)
    assert.notEqual(after.asks, A.address)
    await pool.says('master', asking(after.asks))
    assert.deepEqual(mentions(pool, 'requests go through the gateway at '), ['master info', 'master info', 'master info'])
    assert.deepEqual(mentions(pool, `requests go through the gateway at ${asks}`), ['master info'])
    assert.deepEqual(mentions(pool, 'there is no gateway'), ['master warn'])
  }))

  test('may switch it off and on again', LIMIT, () => withPool({}, async (pool, network, P, A) => {
    await pool.says('pool1', isMulti)
    await order(pool, 'master', 'pin', A.host, A.port, HOUR)
    await pool.says('pool1', uses(A))
    await order(pool, 'master', 'reconfigure', block(pool, { enabled: false }))
    const { status, asks } = await pool.says('pool1', uses(P))
    assert.deepEqual([asks, (await pool.status('master')).asks, status.gateway], [P.address, P.address, null])
    assert.deepEqual([status.enabled, status.daemons, status.switches.map(({ code }) => code)], [false, [], ['reconfigured']])
    const polls = A.count('/info')
    await pool.says('pool1', ({ status }) => status.enabled === false)
    assert.equal(A.count('/info'), polls)
    await order(pool, 'master', 'reconfigure', pool.config)
    await P.crash()
    const after = await pool.says('pool1', report => isMulti(report) && uses(A)(report))
    assert.equal(after.asks, `${after.status.gateway.host}:${after.status.gateway.port}`)
    assert.deepEqual(mentions(pool, 'the configuration was replaced'), ['master warn', 'master info'])
    assert.deepEqual(mentions(pool, '0 of 0 daemons'), [])
  }))

  test('is no matter of a worker\'s', LIMIT, () => withPool({}, async pool => {
    await pool.says('pool1', isMulti)
    assert.equal((await order(pool, 'pool1', 'reconfigure', pool.config)).code, 'ERR_MULTI_DAEMON_WORKER')
  }))
})

test('orders that the master cannot read, or not carry out, change nothing and are mentioned', LIMIT, () => withPool({}, async (pool, network, P) => {
  await pool.says('pool1', isMulti)
  const { host, port } = P
  const unreadable = [{ kind: 'drain', host, port }, { kind: 'drain', host, port: 'x', drained: true }, { kind: 'drain', host: 1, port, drained: true },
    { kind: 'pin', host, port }, { kind: 'pin', host, port, milliseconds: null }, { kind: 'pin', port, milliseconds: 1 }, { kind: 'reconfigure' }]
  for (const message of unreadable) pool.command('tell', { at: 'pool1', message: { type: 'multiDaemon', ...message } })
  pool.command('tell', { at: 'pool1', message: { type: 'multiDaemon', kind: 'drain', host, port: 1, drained: true } })
  pool.command('tell', { at: 'pool1', message: { type: 'multiDaemon', kind: 'pin', host, port, milliseconds: -5 } })
  await pool.until(() => mentions(pool, 'did not carry out').length === 2, 'the master mentions what it could not do')
  assert.deepEqual(mentions(pool, 'a message from a worker cannot be read'), ['master warn'])
  const { status: { pin, daemons, switches } } = await pool.status('master')
  assert.deepEqual([pin, daemons.filter(({ drained }) => drained), switches], [null, [], []])
}))
