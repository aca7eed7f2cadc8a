'use strict'

// Daemons of every family on one chain, and what a poll costs each of them.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { faults, until } = require('../sim')
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
  test('is two requests a poll, of a monerod without a new block sometimes one, and one connection per daemon', LIMIT, onPool(MIXED, {}, async (pool, ...daemons) => {
    // The blocks below the first view are asked for once. A new block is asked for, so that the next poll of the monerod may do without.
    pool.network.mine()
    await pool.rounds()
    const before = daemons.map(daemon => daemon.count())
    for (let poll = 0; poll < 10; poll++) {
      if (poll % 2) pool.network.mine()
      await pool.rounds()
    }
    const requests = daemons.map(({ dialect }) => dialect.name === 'monerod' ? 15 : 20)
    assert.deepEqual(daemons.map((daemon, index) => daemon.count() - before[index]), requests)
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

describe('a monerod that is bootstrapping', { concurrency: 2 }, () => {
  const MONERODS = Array(4).fill({ dialect: 'monerod' })

  test('is syncing at its own height, and does not vote for the chain of the daemon that it asks', LIMIT, onPool(MONERODS, { minHealthy: 1 }, async (pool, P, A, B, C) => {
    for (const daemon of [B, C]) bootstrap(daemon, A, 12)
    pool.network.partition(A)
    pool.network.mine(3)
    await pool.rounds(3)
    const [, , { state, reason, height }] = pool.status.daemons
    assert.deepEqual([state, reason.code, reason.height, reason.networkHeight, height], ['unhealthy', 'syncing', 11, A.tip.height, 11])
    assert.equal(reason.message, `syncing: at 11 while its network is at ${A.tip.height}; until then it passes on the answers of another daemon`)
    assert.equal(pool.inUse, 'P')
  }))

  test('is left in mode single too, though it is the primary, while another daemon is healthy', LIMIT, onPool(MONERODS, { fallback: 'primary' }, async (pool, P, A, B, C) => {
    bootstrap(P, A, 12)
    await C.crash()
    await pool.roundsUntil(() => pool.choice === 'single A', 'A is used')
    for (const daemon of [A, B]) await daemon.crash()
    await pool.roundsUntil(() => pool.choice === 'single P', 'the primary is used where nobody is healthy')
  }))

  test('is not used though nothing else answers', LIMIT, onPool(MONERODS, { fallback: 'best' }, async (pool, P, A, B, C) => {
    for (const daemon of [A, B]) bootstrap(daemon, C, 12)
    await C.crash()
    await pool.rounds(2)
    await P.crash()
    await pool.rounds(2)
    assert.equal(pool.choice, 'single P')
  }))
})

function bootstrap (daemon, other, count) {
  daemon.bootstrapFrom(other, { height: count })
}

/** Answers JSON-RPC only by these methods, and no path. */
const speaksOnly = methods => exchange => {
  if (methods.includes(exchange.method)) return exchange.send()
  if (!exchange.rpc) return exchange.send({ status: 404 })
  exchange.send(exchange.failure({ code: -32601, message: 'Method not found' }))
}
const HEADER_CALLS = ['getlastblockheader', 'getblockheaderbyhash', 'getblockheaderbyheight']
/** Changes the header in the answers to calls for one. */
const headers = change => faults.only(HEADER_CALLS, faults.rewrite(body =>
  ({ ...body, result: { ...body.result, block_header: { ...body.result.block_header, ...change } } })))
const busyInfo = faults.only(['/info', '/getinfo', '/get_info'], faults.rewrite(body => ({ ...body, height: 0, target_height: 0, top_block_hash: '', status: 'BUSY' })))
const failed = error => exchange => exchange.send({ status: 500, type: 'application/json', body: { status: 'Failed', error } })

describe('another shape', { concurrency: 4 }, () => {
  const SHAPES = {
    'a difficulty of more than 64 bits, as a text': [headers({ difficulty: '1849593878843995770114' }), 'healthy'],
    'header calls alone, as of bytecoind 3': [speaksOnly(HEADER_CALLS), 'healthy'],
    'an info over JSON-RPC alone': [speaksOnly(['get_info', ...HEADER_CALLS]), 'healthy'],
    'no header calls': [speaksOnly([]), 'unsupported'],
    'a busy info without a height, as of monerod 0.10': [busyInfo, 'syncing'],
    'error -32003, as of Oxen': [faults.only(HEADER_CALLS, exchange => exchange.send(exchange.failure({ code: -32003, message: 'Server busy, try again later' }))), 'syncing'],
    'odd members that nobody needs': [faults.only(['/get_info'], faults.rewrite(body => ({ ...body, outgoing_connections_count: '8', version: 18, status: [], restricted: 'no' }))), 'healthy'],
    'errors from a damaged database': [faults.only(HEADER_CALLS, failed("Internal server error: Requested hash wasn't found in main blockchain")), 'damaged']
  }
  for (const [what, [fault, verdict]] of Object.entries(SHAPES)) {
    test(what, LIMIT, onPool([{}, { dialect: 'monerod' }, {}, {}], {}, async (pool, P, A) => {
      A.behave(fault)
      await pool.rounds(2)
      // One that was left because it answered nothing known is recognised anew.
      await pool.roundsUntil(() => pool.verdicts === `healthy ${verdict} healthy healthy`, verdict)
    }))
  }

  test('error -9 for blocks by height and hash, as of Karbo that was started anew', LIMIT, onPool([{}, { dialect: 'turtlecoin-legacy' }, {}, {}], {}, async (pool, P, A) => {
    // Between two polls, so that none of them fails.
    await A.crash()
    A.behave(faults.only(HEADER_CALLS.slice(1), exchange => exchange.send(exchange.failure({ code: -9, message: 'Core is busy' }))))
    await A.restart()
    await pool.rounds(3)
    assert.equal(pool.verdicts, 'healthy syncing healthy healthy')
  }))

  test('one block at two heights is a damaged database', LIMIT, onPool(4, {}, async (pool, P, A) => {
    A.chain.storeAgain(A.tip)
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy damaged healthy healthy')
    assert.match(pool.status.daemons[1].reason.message, /stop it, remove its data, let it sync again/)
  }))
})

describe('behind a proxy', { concurrency: 4 }, () => {
  const WITH_MONEROD = [{}, { dialect: 'monerod' }, {}, {}]

  for (const status of [400, 403, 405, 501]) {
    test(`that answers ${status} where it lets nothing through, a daemon is healthy`, LIMIT, onPool(WITH_MONEROD, {}, async (pool, P, A) => {
      A.behave(exchange => ['/get_info', '/json_rpc'].includes(exchange.path) ? exchange.send() : exchange.send({ status, body: 'no' }))
      await pool.rounds(4)
      assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    }))
  }

  for (const [what, status, more] of [['429', 429, {}], ['429 and Retry-After', 429, { 'Retry-After': '1' }], ['503', 503, {}]]) {
    test(`that lets one request a second through, and says ${what}, a daemon becomes healthy and stays it`, LIMIT, onPool(WITH_MONEROD, { pollingInterval: 5000, timeout: 2000, devianceGrace: 3600000 }, async (pool, P, A) => {
      let last = -Infinity
      await A.crash()
      await pool.rounds()
      A.behave(exchange => {
        const now = performance.now()
        if (now - last < 1000) return exchange.send({ status }, more)
        last = now
        exchange.send()
      })
      await A.restart()
      await pool.roundsUntil(() => pool.verdicts === 'healthy healthy healthy healthy', 'all are healthy')
      const { polls } = pool.status
      await until(() => pool.status.polls >= polls + 12, { what: 'three rounds', timeout: 40000 })
      assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    }))
  }

  test('that compresses what it was not asked to, the reason says so', LIMIT, onPool(4, {}, async (pool, P, A) => {
    A.behave(exchange => exchange.send(exchange.truth(), { 'Content-Encoding': 'gzip' }))
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy invalid-reply healthy healthy')
    assert.match(pool.status.daemons[1].reason.message, /content-encoding: gzip/)
  }))

  test('that wants a login, the reason says so', LIMIT, onPool(4, {}, async (pool, P, A) => {
    A.behave(exchange => exchange.send({ status: 401 }, { 'WWW-Authenticate': 'Basic realm="daemons"' }))
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy http-status healthy healthy')
    assert.match(pool.status.daemons[1].reason.message, /wants a login: set `login`/)
  }))
})
