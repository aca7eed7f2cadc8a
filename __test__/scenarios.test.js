'use strict'

// The numbered scenarios of the rules, over sockets. P is the primary; A, B, C … are the others in configuration order.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { SimNetwork, faults, until } = require('../sim')
const { HANGING, LIMIT, Pool, configOf, onNetwork, onPool } = require('./support/pool')

const BEST = { fallback: 'best' }
/** Over before the next rounds, and waited for: never a limit that something has to keep. */
const SHORT_GRACE = { devianceGrace: 200 }
/** Never over: for what must count at once. */
const LONG_GRACE = { devianceGrace: 3600000 }
/** Nothing proven for 200 ms is enough; no daemon is stalled meanwhile, though no block comes. */
const QUICK_BLOCKS = { coinDifficultyTarget: 0.1, stallAfter: 3600000, ...SHORT_GRACE }
const MONERODS = Array(4).fill({ dialect: 'monerod' })
const reasonOf = (pool, index) => pool.status.daemons[index].reason

/**
 * Gives a test on a pool that meets its daemons when they are far apart already.
 * @param {Array<string | undefined>} dialects  one for each daemon
 */
const onFarApart = (dialects, prepare, run) => async () => {
  const network = await SimNetwork.start(dialects.map(dialect => ({ dialect })), { height: 600 })
  let pool
  try {
    prepare(network, ...network.daemons)
    pool = new Pool(network, network.daemons, LONG_GRACE)
    await pool.multiDaemon.ready
    await run(pool, ...network.daemons)
  } finally {
    if (pool) await pool.multiDaemon.stop()
    await network.close()
  }
}
/** Requests for a block by its height, without the one by which each daemon is asked for its first block. */
const questions = daemons => daemons.reduce((sum, daemon) => sum + daemon.count('getblockheaderbyheight') - 1, 0)
/** Five times as long as a short grace, or two quick blocks: rounds before that, and rounds after it, for a verdict needs both. */
const outlast = async pool => {
  await pool.rounds()
  const start = performance.now()
  await pool.roundsUntil(() => performance.now() - start > 1000, 'a second is over')
  await pool.rounds(3)
}
const FAMILIES = [undefined, 'turtlecoin-legacy', 'monerod', undefined]

describe('scenarios', { concurrency: 4 }, () => {
  test('scenario 1: all agree', LIMIT, onPool(4, {}, async (pool, P) => {
    for (let block = 0; block < 3; block++) {
      pool.network.mine()
      await pool.rounds()
    }
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.equal(pool.choice, 'multi P')
    const { quorum, hold, healthy, head, switches } = pool.status
    assert.deepEqual({ quorum, hold, healthy, head, switches },
      { quorum: true, hold: false, healthy: 4, head: { height: P.tip.height, hash: P.tip.hash }, switches: [] })
  }))

  test('scenario 2: P refuses connections', LIMIT, onPool(4, {}, async (pool, P) => {
    await P.crash()
    // Both tries belong to one poll: the poll that finds it suffices.
    await pool.rounds()
    assert.equal(pool.verdicts, 'refused healthy healthy healthy')
    assert.equal(pool.status.daemons[0].state, 'unresponsive')
    assert.equal(pool.choice, 'multi A')
    assert.deepEqual(pool.heard('switch').map(([{ code, mode }]) => ({ code, mode })), [{ code: 'refused', mode: 'multi' }])
  }))

  test('scenario 2: P resets its connections', LIMIT, onPool(4, {}, async (pool, P) => {
    P.behave(faults.reset)
    await pool.rounds()
    assert.equal(pool.verdicts, 'reset healthy healthy healthy')
    assert.equal(pool.choice, 'multi A')
  }))

  test('scenario 3: P accepts and never answers', LIMIT, onPool(4, HANGING, async (pool, P) => {
    P.hang()
    await pool.roundsUntil(() => pool.verdicts === 'timeout healthy healthy healthy', 'P alone unresponsive')
    assert.equal(pool.choice, 'multi A')
    // On a busy machine P may have been late once before: with that, its first try that hangs is enough.
    assert.match(pool.heard('switch').at(-1)[0].code, /^(timeout|unsteady)$/)
  }))

  test('scenario 3: P is found hanging by the polls alone', LIMIT, onPool(4, { ...HANGING, pollingInterval: 100 }, async (pool, P) => {
    P.hang()
    await until(() => pool.choice === 'multi A', { what: 'A in use', timeout: 30000 })
    assert.equal(reasonOf(pool, 0).code, 'timeout')
  }))

  test('scenario 4: P is back, healthy after two good polls, and the pool stays', LIMIT, onPool(4, {}, async (pool, P) => {
    await P.crash()
    await pool.rounds()
    await P.recover()
    await pool.rounds()
    assert.equal(pool.verdicts, 'refused healthy healthy healthy')
    await pool.rounds()
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    await pool.rounds(3)
    assert.equal(pool.path, 'PA')
  }))

  test('scenario 4: with failback the pool returns to P', LIMIT, onPool(4, { failback: 200 }, async (pool, P) => {
    await P.crash()
    await pool.rounds()
    await P.recover()
    // The event comes a moment after getDaemon() tells.
    await pool.roundsUntil(() => pool.path === 'PAP', 'the pool returns')
    assert.equal(pool.heard('switch').at(-1)[0].code, 'failback')
  }))

  test('scenario 5: two healthy daemons are too few', LIMIT, onPool(3, {}, async (pool, P, A) => {
    assert.equal(pool.choice, 'multi P')
    await A.crash()
    await pool.rounds()
    assert.equal(pool.status.healthy, 2)
    assert.equal(pool.status.hold, false)
    assert.equal(pool.choice, 'single P')
  }))

  test('scenario 6: without enough daemons the pool stays with its dead P', LIMIT, onPool(3, {}, async (pool, P) => {
    await P.crash()
    await pool.rounds(2)
    assert.equal(pool.choice, 'single P')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 6: fallback best leaves the dead P', LIMIT, onPool(3, BEST, async (pool, P) => {
    await P.crash()
    await pool.rounds(2)
    assert.equal(pool.choice, 'single A')
  }))

  test('scenario 7: three of seven daemons suffice', LIMIT, onPool(7, {}, async (pool, ...daemons) => {
    for (const index of [0, 1, 3, 5]) await daemons[index].crash()
    await pool.rounds()
    assert.equal(pool.verdicts, 'refused refused healthy refused healthy refused healthy')
    assert.equal(pool.choice, 'multi B')
  }))

  test('scenario 8: P is 4 behind', LIMIT, onPool(4, {}, async (pool, P) => {
    P.freeze()
    pool.network.mine(4)
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'lagging healthy healthy healthy')
    assert.equal(pool.choice, 'multi A')
    assert.equal(reasonOf(pool, 0).by, 4)
    assert.ok(reasonOf(pool, 0).message.includes('on same chain, lagging behind other nodes'))
    assert.equal(pool.everBad, 'P')
    assert.equal(pool.status.daemons[0].lag, 4)
  }))

  test('scenario 9: P is 1 behind for a while', LIMIT, onPool(4, {}, async (pool, P) => {
    P.freeze()
    pool.network.mine()
    await pool.rounds(5)
    P.thaw()
    await pool.rounds(2)
    assert.equal(pool.everBad, '')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 10: P is 1 behind for longer than devianceGrace', LIMIT, onPool(4, SHORT_GRACE, async (pool, P) => {
    P.freeze()
    pool.network.mine()
    // It may be left before that, as one that others have overtaken.
    await pool.roundsUntil(() => pool.verdicts === 'lagging healthy healthy healthy', 'P alone lags')
    assert.equal(pool.path, 'PA')
    assert.equal(reasonOf(pool, 0).by, 1)
  }))

  test('scenario 11: A is 1 ahead', LIMIT, onPool(4, SHORT_GRACE, async (pool, P, A) => {
    pool.network.mine(1, { on: A })
    await pool.rounds(5)
    assert.equal(pool.everBad, '')
    assert.equal(pool.path, 'P')
    assert.equal(pool.status.daemons[1].lag, -1)
  }))

  test('scenario 12: C claims a fantastic height', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    C.lie()
    for (let block = 0; block < 3; block++) {
      pool.network.mine()
      await pool.rounds()
    }
    assert.equal(pool.verdicts, 'healthy healthy healthy unconfirmed')
    assert.equal(pool.everBad, 'C')
    assert.equal(pool.choice, 'multi P')
    assert.equal(pool.status.head.hash, P.tip.hash)
  }))

  test('scenario 12: C is not chosen when P goes, and neither when A goes', LIMIT, onPool(4, BEST, async (pool, P, A, B, C) => {
    C.lie()
    await pool.rounds(2)
    await P.crash()
    await pool.rounds(2)
    assert.equal(pool.inUse, 'A')
    await A.crash()
    await pool.rounds(2)
    assert.equal(pool.inUse, 'B')
  }))

  test('scenario 12b: the network height of P, A and B is poisoned', LIMIT, onPool(4, SHORT_GRACE, async (pool, ...daemons) => {
    for (const daemon of daemons.slice(0, 3)) daemon.poison()
    for (let block = 0; block < 5; block++) {
      pool.network.mine()
      await pool.rounds()
    }
    assert.equal(pool.everBad, '')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 12c: P jumps alone', LIMIT, onPool(4, {}, async (pool, P) => {
    pool.network.mine(10, { on: P })
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'unconfirmed healthy healthy healthy')
    assert.equal(pool.choice, 'multi A')
    pool.network.gossip()
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.equal(pool.inUse, 'A')
  }))

  test('scenario 13: P is on another chain for 2 blocks', LIMIT, onPool(4, {}, async (pool, P) => {
    const fork = pool.network.tip.height + 1
    pool.network.partition(P)
    pool.network.mine(2)
    await pool.rounds()
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy', 'one round proves nothing')
    await pool.rounds()
    assert.equal(pool.verdicts, 'forked healthy healthy healthy')
    const { at, depth, with: side, against } = reasonOf(pool, 0)
    assert.deepEqual([at, depth, side.length, against.length], [fork, 2, 1, 3])
    assert.equal(pool.choice, 'multi A')
    pool.network.mine(2)
    await pool.rounds(2)
    assert.equal(pool.everBad, 'P')
  }))

  test('scenario 13: P is healthy again two polls after it has left its fork', LIMIT, onPool(4, {}, async (pool, P) => {
    pool.network.partition(P)
    pool.network.mine(2)
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'forked healthy healthy healthy')
    pool.network.heal()
    pool.network.mine()
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.equal(pool.inUse, 'A')
  }))

  test('scenario 14: two against two', LIMIT, onPool(4, {}, async (pool, P, A) => {
    pool.network.partition([P, A])
    pool.network.mine(3)
    await pool.rounds(3)
    assert.equal(pool.verdicts, 'healthy healthy forked forked')
    assert.equal(pool.status.healthy, 2)
    assert.equal(pool.status.hold, true)
    assert.equal(pool.choice, 'single P')
    assert.equal(pool.heard('hold').at(-1)[0], true)
  }))

  test('scenario 15: three against three', LIMIT, onPool(6, {}, async (pool, P, A, B) => {
    pool.network.partition([P, A, B])
    pool.network.mine(3)
    await pool.rounds(3)
    assert.equal(pool.verdicts, 'healthy healthy healthy forked forked forked')
    assert.equal(pool.status.quorum, false)
    assert.equal(pool.status.hold, true)
    assert.equal(pool.choice, 'multi P')
  }))

  for (const winner of [0, 3]) {
    test(`scenario 16: a race that ${'PABC'[winner]} wins`, LIMIT, onPool(4, SHORT_GRACE, async (pool, ...daemons) => {
      const [P, A, B, C] = daemons
      pool.network.partition([P, A])
      pool.network.mine()
      await outlast(pool)
      assert.notEqual(P.tip, C.tip)
      pool.network.mine(1, { on: winner === 0 ? [P, A] : [B, C] })
      pool.network.heal()
      await pool.rounds(3)
      assert.equal(P.tip, C.tip)
      assert.equal(pool.everBad, '')
      assert.equal(pool.status.hold, false)
      assert.equal(pool.path, 'P')
    }))
  }

  test('scenario 17: A, B and C stand still while their network moves on', LIMIT, onPool(4, SHORT_GRACE, async (pool, P, ...frozen) => {
    for (const daemon of frozen) daemon.freeze({ networkHeight: 'rising' })
    await pool.roundsUntil(() => {
      pool.network.mine()
      return pool.status.daemons.slice(1).every(({ reason }) => reason && ['syncing', 'lagging'].includes(reason.code))
    }, 'A, B and C are syncing or lagging')
    await pool.rounds(2)
    assert.equal(pool.status.daemons[0].state, 'healthy')
    assert.equal(pool.choice, 'single P')
    assert.equal(pool.path, 'P')
  }))

  for (const [fallback, chosen] of [['primary', 'P'], ['best', 'C']]) {
    test(`scenario 18: P, A and B stand still, and fallback ${fallback} uses ${chosen}`, LIMIT, onPool(5, { fallback }, async (pool, ...daemons) => {
      for (const daemon of daemons.slice(0, 3)) daemon.freeze()
      pool.network.mine(2)
      await pool.rounds()
      pool.network.mine(2)
      await pool.rounds(2)
      assert.equal(pool.verdicts, 'lagging lagging lagging healthy healthy')
      assert.equal(pool.choice, `single ${chosen}`)
    }))
  }

  test('scenario 19: everybody reorganises to a longer chain', LIMIT, onPool(4, {}, async (pool, P) => {
    pool.network.mine(3)
    await pool.rounds(2)
    const left = P.tip
    let tip = left.ancestor(left.height - 3)
    for (let block = 0; block < 5; block++) tip = pool.network.nextBlock(tip)
    pool.network.announce(tip, P)
    await pool.rounds(3)
    assert.equal(pool.status.head.hash, tip.hash)
    assert.equal(pool.everBad, '')
    assert.equal(pool.choice, 'multi P')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 20: all are connected only to one another', LIMIT, onPool(4, QUICK_BLOCKS, async (pool, P) => {
    pool.network.isolate()
    await pool.roundsUntil(() => pool.verdicts === 'isolated isolated isolated isolated', 'all isolated')
    assert.equal(pool.choice, 'single P')
    assert.equal(pool.status.hold, true)
    const { incoming, outgoing } = reasonOf(pool, 0)
    assert.deepEqual([incoming, outgoing], [3, 3])
    P.setPeers({ outgoing: 4 })
    await pool.roundsUntil(() => pool.verdicts === 'healthy healthy healthy healthy', 'all healthy')
    assert.equal(pool.choice, 'multi P')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 20: four monerods that list only one another', LIMIT, onPool(MONERODS, QUICK_BLOCKS, async (pool, P, A, B, C) => {
    assert.equal(C.count('get_connections'), 0, 'while their counts are proof')
    pool.network.isolate()
    await pool.roundsUntil(() => pool.verdicts === 'isolated isolated isolated isolated', 'all isolated')
    assert.ok(C.count('get_connections') > 0)
  }))

  test('scenario 20: a peer outside is found by the lists, though the counts would fit', LIMIT, onPool(MONERODS, QUICK_BLOCKS, async (pool, P, A, B, C) => {
    pool.network.isolate([P, A, B])
    C.setPeers({ incoming: 1, outgoing: 1 })
    await pool.roundsUntil(() => pool.verdicts === 'isolated isolated isolated healthy', 'C alone not isolated')
    assert.equal(pool.everBad, 'ABP')
  }))

  test('scenario 20: restricted monerods hide their connections, and are never isolated', LIMIT,
    onPool(MONERODS.map(monerod => ({ ...monerod, restricted: true })), QUICK_BLOCKS, async (pool, P) => {
      pool.network.isolate()
      await outlast(pool)
      assert.equal(pool.everBad, '')
      assert.equal(P.count('get_connections'), 0)
    }))

  test('scenario 20b: A to E are cut off together and mine a side chain', LIMIT, onPool(7, SHORT_GRACE, async (pool, P, A, B, C, D, E) => {
    const cutOff = [A, B, C, D, E]
    pool.network.isolate(cutOff)
    pool.network.partition(cutOff)
    await pool.roundsUntil(() => {
      pool.network.mine()
      assert.equal(pool.inUse, 'P')
      return pool.verdicts === 'healthy isolated isolated isolated isolated isolated healthy'
    }, 'A to E are isolated')
    pool.network.mine(3)
    await pool.rounds(3)
    assert.equal(pool.choice, 'single P')
    assert.equal(pool.path, 'P')
    assert.equal(pool.everBad, 'ABCDE')
  }))

  test('a private network may be isolated', LIMIT, onPool(4, { ...QUICK_BLOCKS, minOutsidePeers: 0 }, async pool => {
    pool.network.isolate()
    await outlast(pool)
    assert.equal(pool.everBad, '')
  }))

  test('scenario 21: C is on another network', LIMIT, onNetwork(3, async (network, ...daemons) => {
    const other = await SimNetwork.start(1, { height: 50, genesis: 'other' })
    const pool = new Pool(network, [...daemons, ...other.daemons], BEST)
    try {
      const { healthy } = await pool.multiDaemon.ready
      assert.equal(healthy, 3)
      assert.equal(pool.verdicts, 'healthy healthy healthy wrong-network')
      await daemons[0].crash()
      await pool.rounds()
      assert.equal(pool.path, 'PA')
      assert.deepEqual(pool.status.switches[0].votes, { branch: 3, all: 3 })
    } finally {
      await pool.multiDaemon.stop()
      await other.close()
    }
  }))

  test('scenario 23: P fails every second poll', LIMIT, onPool(4, {}, async (pool, P) => {
    // A reset of a used connection is followed by another request at once, which is part of the same try.
    P.behave(faults.everySecondPoll(faults.reset, { tries: 3 }))
    for (let block = 0; block < 8; block++) {
      pool.network.mine()
      await pool.rounds()
    }
    assert.equal(pool.path, 'PA')
    assert.equal(pool.verdicts, 'reset healthy healthy healthy')
    P.behave(faults.reset)
    await pool.rounds()
    await P.recover()
    await pool.rounds()
    assert.equal(pool.verdicts, 'reset healthy healthy healthy')
    await pool.rounds()
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.equal(pool.path, 'PA')
  }))

  test('scenario 24: a block arrives between the two requests of one poll', LIMIT, onPool(4, SHORT_GRACE, async (pool, P) => {
    P.behave(exchange => {
      if (exchange.key === 'getlastblockheader') pool.network.mine()
      exchange.send()
    })
    for (let round = 0; round < 8; round++) {
      await pool.rounds()
      for (const { height, hash } of pool.status.daemons) assert.equal(hash, pool.network.tip.ancestor(height).hash)
    }
    assert.equal(pool.everBad, '')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 24: the chain reorganises between the two requests of one poll', LIMIT, onPool(4, {}, async (pool, P) => {
    const left = P.tip
    P.behave(exchange => {
      if (exchange.key === 'getlastblockheader' && P.tip === left) {
        pool.network.announce(pool.network.nextBlock(pool.network.nextBlock(left.parent)), P)
      }
      exchange.send()
    })
    await pool.rounds(3)
    assert.equal(pool.status.head.hash, P.tip.hash)
    assert.equal(pool.everBad, '')
    assert.equal(pool.path, 'P')
  }))

  test('scenario 25: P is 500 blocks behind', LIMIT, onFarApart(FAMILIES, (network, P) => P.lag(500), async (pool, ...daemons) => {
    await pool.roundsUntil(() => pool.verdicts === 'lagging healthy healthy healthy', 'P alone lagging')
    assert.equal(reasonOf(pool, 0).by, 500)
    assert.equal(pool.choice, 'multi A')
    assert.equal(questions(daemons), 1)
    await pool.rounds(3)
    assert.equal(questions(daemons), 1, 'nobody asks again')
  }))

  /** The verdict stands before everybody has shown all blocks of its own. */
  const lastQuestion = async (pool, daemons) => {
    for (;;) {
      const asked = questions(daemons)
      await pool.rounds(2)
      if (questions(daemons) === asked) return asked
    }
  }

  const forkOff = (network, ...side) => {
    network.partition(side)
    network.mine(500)
  }

  test('scenario 25: P forked 500 blocks ago', LIMIT, onFarApart(FAMILIES, (network, P) => forkOff(network, P), async (pool, ...daemons) => {
    await pool.roundsUntil(() => pool.verdicts === 'forked healthy healthy healthy', 'P alone forked')
    const { at, depth, with: side, against } = reasonOf(pool, 0)
    assert.deepEqual([at, depth, side.length, against.length], [601, 500, 1, 3])
    assert.equal(pool.choice, 'multi A')
    // 15 steps at most, in which both daemons are asked, and what two of A, B and C have to show for themselves.
    const asked = await lastQuestion(pool, daemons)
    assert.ok(asked <= 34, `${asked} questions`)
    pool.network.mine(3)
    await pool.rounds(3)
    assert.deepEqual([pool.verdicts, questions(daemons)], ['forked healthy healthy healthy', asked])
  }))

  test('scenario 25: two against two, 500 deep', LIMIT, onFarApart(FAMILIES, (network, P, A) => forkOff(network, P, A), async pool => {
    await pool.roundsUntil(() => pool.verdicts === 'healthy healthy forked forked', 'B and C forked')
    assert.deepEqual([2, 3].map(index => reasonOf(pool, index).at), [601, 601])
    assert.deepEqual([pool.status.healthy, pool.status.hold, pool.choice], [2, true, 'single P'])
  }))

  test('scenario 26: no daemon answers, and then three do', LIMIT, onPool(4, { pollingInterval: 100 }, async (pool, ...daemons) => {
    await Promise.all(daemons.map(daemon => daemon.crash()))
    await until(() => pool.verdicts === 'refused refused refused refused', { what: 'all unresponsive', timeout: 30000 })
    assert.equal(pool.choice, 'single P')
    assert.ok(pool.heard('switch').length <= 2, 'away from P at most once')
    for (const daemon of daemons.slice(0, 3)) await daemon.recover()
    await until(() => pool.status.mode === 'multi', { what: 'multi again', timeout: 30000 })
    assert.equal(pool.inUse, 'P')
  }))

  test('scenario 27: P repeated in the list counts once', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const multiDaemon = new MultiDaemon(configOf([daemons[0], ...daemons]))
    try {
      const { daemons: watched, warnings, healthy } = await multiDaemon.ready
      assert.equal(watched.length, 4)
      assert.equal(healthy, 4)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0], new RegExp(`daemons\\[0\\].*primary.*${daemons[0].port}`))
    } finally {
      await multiDaemon.stop()
    }
  }))

  test('scenario 27: two equal entries are a mistake that names both', LIMIT, onNetwork(4, (network, P, A, B, C) => {
    assert.throws(() => new MultiDaemon(configOf([P, A, B, C, A])), ({ code, mistakes }) => {
      assert.equal(code, 'ERR_MULTI_DAEMON_CONFIG')
      assert.equal(mistakes.length, 1)
      assert.match(mistakes[0], /daemons\[3\].*daemons\[0\]/)
      return true
    })
  }))

  test('scenario 27: two names of one daemon are one voter', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const multiDaemon = new MultiDaemon(configOf([P, A, B, C, { host: 'localhost', port: C.port }]))
    try {
      const { healthy, warnings, daemons } = await multiDaemon.ready
      assert.equal(daemons.length, 5)
      assert.equal(healthy, 4)
      assert.ok(warnings.some(text => text.includes(`localhost:${C.port}`) && text.includes(C.address)), warnings.join('\n'))
      await P.crash()
      await A.crash()
      const { mode, healthy: left } = await multiDaemon.refresh()
      assert.deepEqual([left, mode], [2, 'single'])
    } finally {
      await multiDaemon.stop()
    }
  }))

  test('a daemon that starts drained has no vote and is used only when nothing else answers', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const drained = { host: C.host, port: C.port, drain: true }
    const pool = new Pool(network, [P, A, B, drained], BEST)
    try {
      await pool.multiDaemon.ready
      assert.equal(pool.verdicts, 'healthy healthy healthy draining')
      for (const [daemon, next] of [[P, 'A'], [A, 'B'], [B, 'C']]) {
        await daemon.crash()
        await pool.rounds()
        assert.equal(pool.inUse, next)
      }
      assert.deepEqual(pool.status.switches[0].votes, { branch: 3, all: 3 })
    } finally {
      await pool.multiDaemon.stop()
    }
  }))
})
