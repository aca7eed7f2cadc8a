'use strict'

// The addon against a real CryptoNote network: five monerods on a private chain, which hang, die, lag and fork.
// One network serves all tests; what a test breaks is repaired after it.

const assert = require('node:assert/strict')
const { after, afterEach, before, describe, test } = require('node:test')
const { MoneroNetwork } = require('../support/monero-network')
const { MONEROD } = require('../support/monerod')
const { Pool } = require('../support/monero-pool')

/** Every wait inside has its own, shorter limit, which says what was awaited. */
const LIMIT = { timeout: 240000 }
/** No poll but those that a test asks for: it can count them, and nobody looks while blocks are on their way. */
const BY_HAND = { pollingInterval: 10 * LIMIT.timeout }
/** What nothing proves for two seconds counts; and no daemon is stalled, though no block comes for as long as a test takes. */
const QUICK_BLOCKS = { coinDifficultyTarget: 1, stallAfter: LIMIT.timeout }
const ALL_HEALTHY = Array(5).fill('healthy')

describe('on a real network', { skip: MONEROD ? false : 'monerod is not on the PATH (Debian: apt-get install monero)' }, () => {
  let network
  let primary, a, b, c, d
  let pools = []

  before(async () => {
    network = await MoneroNetwork.start(5)
    ;[primary, a, b, c, d] = network.daemons
  }, LIMIT)

  afterEach(async () => {
    await Promise.all(pools.map(pool => pool.stop()))
    pools = []
    if (network) await network.restore()
  }, LIMIT)

  after(() => network && network.remove(), LIMIT)

  /** A pool that has these daemons, the first as its primary, and found them all healthy. */
  async function join (options, daemons = network.daemons) {
    const pool = new Pool(daemons, { pollingInterval: 500, ...options })
    pools.push(pool)
    await pool.multi.ready
    await pool.until('all daemons are healthy', () => pool.states().every(state => state === 'healthy'))
    return pool
  }

  /** The daemon in use gives work on top of its own chain's last block. */
  async function assertWork (pool) {
    const daemon = network.daemons[pool.inUse]
    const [tip, template] = [await daemon.tip(), await pool.template()]
    assert.equal(template.prev_hash, tip.hash)
    assert.equal(template.height, tip.height + 1)
    assert.ok(template.blocktemplate_blob.length > 0)
  }

  test('all agree: the primary is used, and everything is as the daemons say it', LIMIT, async () => {
    const pool = await join()
    const tip = await primary.tip()
    const { enabled, mode, quorum, hold, head, healthy, switches, daemons } = pool.status
    assert.deepEqual({ enabled, mode, quorum, hold, head, healthy, switches }, { enabled: true, mode: 'multi', quorum: true, hold: false, head: tip, healthy: 5, switches: [] })
    assert.equal(pool.inUse, 0)
    for (const [index, daemon] of network.daemons.entries()) {
      const info = await daemon.info()
      const { host, port, primary, reason, height, hash, lag, incoming, outgoing, version, consecutiveFailures } = daemons[index]
      assert.deepEqual(
        { host, port, primary, reason, height, hash, lag, incoming, outgoing, version, consecutiveFailures },
        {
          host: daemon.host,
          port: daemon.port,
          primary: index === 0,
          reason: null,
          height: info.height - 1,
          hash: info.top_block_hash,
          lag: 0,
          incoming: info.incoming_connections_count,
          outgoing: info.outgoing_connections_count,
          version: info.version,
          consecutiveFailures: 0
        }
      )
    }
    await assertWork(pool)
  })

  test('the head moves with every block, whoever mines it', LIMIT, async () => {
    const pool = await join()
    const mined = []
    for (const daemon of network.daemons) {
      const tip = await daemon.mine(1)
      await pool.until(`the head is ${tip.height} ${tip.hash}`, () => pool.heard('block').some(({ hash }) => hash === tip.hash))
      mined.push(tip)
    }
    await network.reach(mined.at(-1))
    const heads = pool.heard('block').map(({ height, hash }) => ({ height, hash }))
    // The head may have stood elsewhere before; what it passed since then is what was mined.
    assert.deepEqual(heads.filter(({ height }) => height >= mined[0].height), mined)
    assert.deepEqual(pool.states(), ALL_HEALTHY)
    assert.deepEqual(pool.switches(), [])
    await assertWork(pool)
  })

  test('the daemon in use hangs: another takes over at once, and keeps the pool when it wakes', LIMIT, async () => {
    const pool = await join()
    await primary.hang()
    await pool.until('the pool has left the primary', () => pool.switches().length > 0)
    assert.deepEqual(pool.switches(), [{ from: 0, to: 1, code: 'timeout', mode: 'multi' }])
    assert.deepEqual(pool.states(), ['unresponsive: timeout', ...ALL_HEALTHY.slice(1)])
    await network.mine(1, [a, b, c, d])
    await assertWork(pool)

    primary.wake()
    await pool.until('the primary is healthy again', () => pool.states()[0] === 'healthy')
    await pool.until('its recovery was announced', () => pool.heardOf(primary).at(-1) === 'healthy')
    assert.equal(pool.inUse, 1)
    assert.equal(pool.switches().length, 1)
    assert.equal(pool.status.mode, 'multi')
    assert.ok(network.daemons.slice(1).every(daemon => pool.heardOf(daemon).every(state => state === 'healthy')), 'nobody else was ever bad')
  })

  test('a daemon that hung is healthy after two good polls, and not after one', LIMIT, async () => {
    const pool = await join({ ...BY_HAND, timeout: 1000 })
    await primary.hang()
    await pool.multi.refresh()
    assert.equal(pool.states()[0], 'unresponsive: timeout')
    assert.equal(pool.of(primary).consecutiveFailures, 2)
    primary.wake()
    await primary.info()
    await pool.multi.refresh()
    assert.equal(pool.states()[0], 'unresponsive: timeout')
    assert.equal(pool.of(primary).consecutiveFailures, 0)
    await pool.multi.refresh()
    assert.equal(pool.states()[0], 'healthy')
    assert.equal(pool.inUse, 1)
  })

  test('the daemon in use is killed: another takes over, and keeps the pool when it is restarted', LIMIT, async () => {
    const pool = await join()
    await primary.kill()
    await pool.until('the pool has left the primary', () => pool.switches().length > 0)
    assert.deepEqual(pool.switches(), [{ from: 0, to: 1, code: 'refused', mode: 'multi' }])
    assert.deepEqual(pool.states(), ['unresponsive: refused', ...ALL_HEALTHY.slice(1)])
    await assertWork(pool)

    // More than it may lag, so that it has to catch up.
    const tip = await network.mine(5, [a, b, c, d])
    await primary.start()
    await network.reach(tip)
    await pool.until('the primary is healthy again', () => pool.states()[0] === 'healthy')
    assert.equal(pool.inUse, 1)
    assert.equal(pool.switches().length, 1)
    assert.deepEqual(pool.states(), ALL_HEALTHY)
    await assertWork(pool)
  })

  test('one daemon after the other is killed: below three the pool is back at its primary', LIMIT, async () => {
    const pool = await join()
    await primary.kill()
    await pool.until('the pool has left the primary', () => pool.switches().length === 1)
    await a.kill()
    await pool.until('the pool has left the next one too', () => pool.switches().length === 2)
    await assertWork(pool)
    await b.kill()
    await pool.until('the pool is back at its primary', () => pool.switches().length === 3)
    assert.deepEqual(pool.switches(), [
      { from: 0, to: 1, code: 'refused', mode: 'multi' },
      { from: 1, to: 2, code: 'refused', mode: 'multi' },
      { from: 2, to: 0, code: 'fallback', mode: 'single' }
    ])
    assert.deepEqual(pool.heard('hold'), [])

    await Promise.all([a.start(), b.start()])
    await pool.until('the feature is on again', () => pool.status.mode === 'multi')
    await pool.until('the pool has left its dead primary again', () => pool.switches().length === 4)
    assert.equal(pool.switches()[3].code, 'recovered')
    await assertWork(pool)
  })

  test('the daemon in use is cut off while the others go on: it lags by exactly what it misses', LIMIT, async () => {
    const pool = await join(BY_HAND)
    await network.partition([primary], [a, b, c, d])
    const tip = await network.mine(5, [a, b, c, d])
    await pool.multi.refresh()
    const { code, by, message } = pool.of(primary).reason
    assert.deepEqual([code, by], ['lagging', 5])
    assert.match(message, /on same chain, lagging behind other nodes/)
    assert.deepEqual(pool.switches(), [{ from: 0, to: 1, code: 'lagging', mode: 'multi' }])
    assert.deepEqual(pool.status.head, tip)
    assert.equal(pool.status.hold, false)
    await assertWork(pool)

    await network.heal()
    await network.reach(tip)
    await pool.multi.refresh()
    await pool.multi.refresh()
    assert.equal(pool.states()[0], 'healthy')
    assert.equal(pool.switches().length, 1)
    assert.deepEqual(pool.heardOf(primary).filter(state => state.includes('forked')), [])
  })

  test('the primary alone on a fork two blocks deep: it is left, until it has reorganised', LIMIT, async () => {
    const pool = await join(BY_HAND)
    const { height } = await primary.tip()
    await fork([primary], [a, b, c, d], { blocks: 2 })
    await pool.multi.refresh()
    await pool.multi.refresh()
    assertForked(pool, { side: [primary], others: [a, b, c, d], at: height + 1, depth: 2 })
    assert.deepEqual(pool.switches(), [{ from: 0, to: 1, code: 'forked', mode: 'multi' }])
    await assertWork(pool)
    await assertHealed(pool, [a, b, c, d])
    assert.equal(pool.inUse, 1, JSON.stringify(pool.status.switches))
    await assertWork(pool)
  })

  test('the primary on the smaller side of a fork: after two rounds the pool is on the larger side', LIMIT, async () => {
    const pool = await join(BY_HAND)
    const { height } = await primary.tip()
    await fork([primary, a], [b, c, d], { blocks: 3 })
    await pool.multi.refresh()
    assert.deepEqual(pool.states(), ALL_HEALTHY)
    assert.equal(pool.status.hold, true)
    await pool.multi.refresh()
    assertForked(pool, { side: [primary, a], others: [b, c, d], at: height + 1, depth: 3 })
    assert.deepEqual(pool.switches(), [{ from: 0, to: 2, code: 'forked', mode: 'multi' }])
    assert.deepEqual(pool.heard('hold').map(({ hold }) => hold), [true, false])
    await assertWork(pool)
    await assertHealed(pool, [b, c, d])
    assert.equal(pool.inUse, 2)
    await assertWork(pool)
  })

  test('two forked further back than a poll shows, before the pool starts: the exact height is found', LIMIT, async () => {
    const { height } = await primary.tip()
    await network.partition([primary, a], [b, c, d])
    await network.mine(25, [primary, a])
    await network.mine(30, [b, c, d])
    // A monerod answers nobody while it checks the other side's blocks. One that counted as silent meanwhile would leave two against two.
    const pool = new Pool(network.daemons, { pollingInterval: 500, timeout: 10000 })
    pools.push(pool)
    await pool.until('the smaller side is forked', () => [primary, a].every(daemon => pool.of(daemon).reason?.code === 'forked'))
    assertForked(pool, { side: [primary, a], others: [b, c, d], at: height + 1, depth: 25 })
    assert.equal(pool.inUse, 2)
    await assertWork(pool)
    await assertHealed(pool, [b, c, d])
  })

  test('another daemon alone on a fork: the pool stays, and nothing is held', LIMIT, async () => {
    const pool = await join(BY_HAND)
    const { height } = await primary.tip()
    await fork([d], [primary, a, b, c], { blocks: 2 })
    await pool.multi.refresh()
    await pool.multi.refresh()
    assertForked(pool, { side: [d], others: [primary, a, b, c], at: height + 1, depth: 2 })
    await assertHealed(pool, [primary, a, b, c])
    assert.deepEqual(pool.switches(), [])
    assert.deepEqual(pool.heard('hold'), [])
    await assertWork(pool)
  })

  test('two against two: the pool stays on its primary, and orphan marks are held until the fork is over', LIMIT, async () => {
    await d.kill()
    const pool = await join(BY_HAND, [primary, a, b, c])
    const { height } = await primary.tip()
    await fork([b, c], [primary, a], { blocks: 2 })
    await pool.multi.refresh()
    await pool.multi.refresh()
    assert.deepEqual(pool.states(), ['healthy', 'healthy', 'unhealthy: forked', 'unhealthy: forked'])
    assert.deepEqual([b, c].map(daemon => pool.of(daemon).reason.at), [height + 1, height + 1])
    const { mode, quorum, hold } = pool.status
    assert.deepEqual({ mode, quorum, hold }, { mode: 'single', quorum: false, hold: true })
    assert.equal(pool.inUse, 0)
    await assertWork(pool)
    await assertHealed(pool, [primary, a])
    assert.deepEqual(pool.heard('hold').map(({ hold }) => hold), [true, false])
    assert.deepEqual(pool.switches(), [])
  })

  test('daemons that are connected only to one another are isolated', LIMIT, async () => {
    const pool = await join({ minOutsidePeers: 0, ...QUICK_BLOCKS })
    assert.deepEqual(pool.states(), ALL_HEALTHY)
    const careful = new Pool(network.daemons, { pollingInterval: 500, minOutsidePeers: 1, ...QUICK_BLOCKS })
    pools.push(careful)
    await careful.until('all daemons are isolated', () => careful.states().every(state => state === 'unhealthy: isolated'))
    const { incoming, outgoing } = careful.of(primary).reason
    assert.deepEqual([incoming, outgoing], [4, 4])
    const { mode, hold } = careful.status
    assert.deepEqual({ mode, hold }, { mode: 'single', hold: true })
    assert.equal(careful.inUse, 0)
    assert.deepEqual(pool.states(), ALL_HEALTHY)
  })

  test('three that know only one another are told from one that has a peer outside, by the connections themselves', LIMIT, async () => {
    // The pool does not know d: while all are connected, everybody has one peer more than the others that it knows.
    const pool = await join({ minOutsidePeers: 1, ...QUICK_BLOCKS }, [primary, a, b, c])
    await network.partition([primary, a, b], [c, d])
    await pool.until('the three are isolated', () => pool.states().slice(0, 3).every(state => state === 'unhealthy: isolated'))
    // By its counts, c might just as well be connected to the three.
    assert.deepEqual([pool.of(c).incoming, pool.of(c).outgoing], [1, 1])
    assert.equal(pool.states()[3], 'healthy')
    assert.deepEqual(pool.heardOf(c).filter(state => state !== 'healthy'), [])
    assert.deepEqual(pool.switches(), [])

    await network.heal()
    await pool.until('all are healthy again', () => pool.states().every(state => state === 'healthy'))
  })

  test('three cut off together against two: their chain is no measure for the primary, which has a peer outside', LIMIT, async () => {
    const pool = await join({ minOutsidePeers: 1, devianceGrace: 2000 }, [primary, a, b, c])
    const { height } = await primary.tip()
    await network.partition([primary, d], [a, b, c])
    await pool.until('the pool has seen the connections end', () => [a, b, c].every(daemon => pool.of(daemon).outgoing === 2))
    await network.mine(1, [a, b, c])
    await network.mine(1, [primary, d])
    await network.mine(2, [a, b, c])
    await pool.until('the three are isolated', () => pool.states().slice(1).every(state => state === 'unhealthy: isolated'))
    await network.mine(2, [a, b, c])
    const tip = await network.mine(1, [primary, d])
    await pool.until('the head is on the chain of the two', () => pool.status.head.hash === tip.hash)
    assert.equal(tip.height, height + 2)
    assert.equal(pool.states()[0], 'healthy')
    assert.deepEqual(pool.heardOf(primary).filter(state => state !== 'healthy'), [])
    assert.deepEqual(pool.switches(), [])
    await assertWork(pool)
  })

  /** Two sides that cannot hear each other; the shorter one has so many blocks of its own, the longer one more. */
  async function fork (shorter, longer, { blocks }) {
    await network.partition(shorter, longer)
    await network.mine(blocks, shorter)
    await network.mine(blocks + 1, longer)
  }

  /** The fork is told exactly, and the pool works on the larger side. */
  function assertForked (pool, { side, others, at, depth }) {
    for (const daemon of side) {
      const { code, at: from, depth: blocks, with: members, against } = pool.of(daemon).reason
      assert.deepEqual(
        { code, at: from, depth: blocks, with: members, against },
        { code: 'forked', at, depth, with: side.map(String), against: others.map(String) }
      )
    }
    for (const daemon of others) assert.equal(pool.of(daemon).state, 'healthy')
    const { mode, quorum, hold } = pool.status
    assert.deepEqual({ mode, quorum, hold }, { mode: 'multi', quorum: true, hold: false })
  }

  /** The sides join, all take the longer chain, and nobody who had it was ever called forked. */
  async function assertHealed (pool, longer) {
    const tip = await longer[0].tip()
    await network.heal()
    await network.reach(tip, pool.daemons)
    await pool.multi.refresh()
    await pool.multi.refresh()
    await pool.until('all daemons are healthy again', () => pool.states().every(state => state === 'healthy'))
    assert.deepEqual(longer.flatMap(daemon => pool.heardOf(daemon)).filter(state => state.includes('forked')), [], JSON.stringify(pool.heard('daemon')))
    assert.deepEqual(pool.status.head, tip)
  }
})
