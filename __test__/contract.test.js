'use strict'

// What index.d.ts promises about the object, its promises and its events.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { faults, until } = require('../sim')
const { Child, inChild } = require('./support/child')
const { differences } = require('./support/declared')
const { HANGING, LIMIT, configOf, onNetwork, onPool } = require('./support/pool')
const { ask, send } = require('./support/sim')

const endpointOf = ({ host, port }) => ({ host, port, tls: false })
const CLOCKED = { pollingInterval: 50 }

describe('getDaemon()', { concurrency: 4 }, () => {
  test('answers the primary at once, before anything is known', LIMIT, onNetwork(4, async (network, P) => {
    for (const daemon of network.daemons) daemon.hang()
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    assert.deepEqual(multiDaemon.getDaemon(), endpointOf(P))
    await multiDaemon.stop()
  }))

  test('gives one frozen object until the switch, and then the one of the event', LIMIT, onPool(4, {}, async (pool, P, A) => {
    const { multiDaemon } = pool
    const first = multiDaemon.getDaemon()
    assert.ok(Object.isFrozen(first))
    pool.network.mine()
    await pool.rounds(2)
    assert.equal(multiDaemon.getDaemon(), first)
    await P.crash()
    await pool.rounds()
    const [[{ from, to }]] = pool.heard('switch')
    assert.deepEqual(from, first)
    assert.equal(multiDaemon.getDaemon(), to)
    assert.ok(Object.isFrozen(to))
    assert.deepEqual(to, endpointOf(A))
  }))

  test('sees every switch while the event loop is blocked, and the events follow', LIMIT, onNetwork(5, async (network, P, A, B) => {
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      const events = []
      pool.on('switch', ({ from, to }) => events.push([from.port, to.port, to === pool.getDaemon()]))
      await pool.ready
      const end = Date.now() + 30000
      let daemon = pool.getDaemon()
      report(daemon)
      for (let switches = 0; switches < 2;) {
        const next = pool.getDaemon()
        if (next !== daemon) {
          switches++
          report({ to: next, events: events.length })
        }
        daemon = next
        if (Date.now() > end) throw new Error('no switch was seen')
      }
      setImmediate(function wait () {
        if (events.length < 2) return setImmediate(wait)
        report(events)
        process.exit()
      })
    }, { args: [configOf(network.daemons, { pollingInterval: 100 })] })
    try {
      assert.deepEqual(await child.next(), endpointOf(P))
      await P.crash()
      assert.deepEqual(await child.next(), { to: endpointOf(A), events: 0 })
      await A.crash()
      assert.deepEqual(await child.next(), { to: endpointOf(B), events: 0 })
      assert.deepEqual(await child.next(), [[P.port, A.port, false], [A.port, B.port, true]])
    } finally {
      child.kill()
    }
  }))

  test('sees it also where the runtime shows a copy of native memory, which never moves', LIMIT, onNetwork(4, async (network, P, A) => {
    const child = new Child((report, config) => {
      const { Watcher } = require('./lib/source/binary')
      for (const name of ['generation', 'scratch']) {
        const shared = Watcher.prototype[name]
        Watcher.prototype[name] = function () { return Int32Array.from(shared.call(this)) }
      }
      const pool = new (require('.').MultiDaemon)(config)
      pool.ready.then(() => {
        const before = pool.getDaemon()
        report([before, pool.getDaemon() === before])
        const end = Date.now() + 30000
        while (pool.getDaemon() === before) if (Date.now() > end) throw new Error('no switch was seen')
        report(pool.getDaemon())
        process.exit()
      })
    }, { args: [configOf(network.daemons, { pollingInterval: 100 })] })
    try {
      assert.deepEqual(await child.next(), [endpointOf(P), true])
      await P.crash()
      assert.deepEqual(await child.next(), endpointOf(A))
    } finally {
      child.kill()
    }
  }))
})

describe('getStatus()', { concurrency: 4 }, () => {
  test('has every declared member, each of its type, at every stage', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const stages = [multiDaemon.getStatus(), await multiDaemon.ready]
    await P.crash()
    A.busy()
    B.behave(faults.html)
    network.mine(4, { on: C })
    for (let poll = 0; poll < 2; poll++) stages.push(await multiDaemon.refresh())
    await multiDaemon.stop()
    for (const status of [...stages, multiDaemon.getStatus()]) assert.deepEqual(differences(status, 'Status'), [])
  }))

  test('says before the first round that nothing is known', LIMIT, onNetwork(4, async network => {
    for (const daemon of network.daemons) daemon.hang()
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const { enabled, mode, quorum, hold, head, healthy, daemons, switches, polls } = multiDaemon.getStatus()
    assert.deepEqual({ enabled, mode, quorum, hold, head, healthy, switches, polls },
      { enabled: true, mode: 'single', quorum: false, hold: false, head: null, healthy: 0, switches: [], polls: 0 })
    assert.deepEqual(daemons.map(({ state }) => state), ['unknown', 'unknown', 'unknown', 'unknown'])
    await multiDaemon.stop()
  }))

  test('gives a copy that is the caller\'s own', LIMIT, onPool(4, {}, pool => {
    const before = structuredClone(pool.status)
    const spoilt = pool.status
    spoilt.daemons[0].host = 'spoilt'
    spoilt.daemons.length = 1
    spoilt.current.port = 1
    spoilt.switches.push('spoilt')
    assert.deepEqual(pool.status, before)
    assert.equal(pool.inUse, 'P')
  }))

  test('agrees with getDaemon(), lists the primary first, and tells what was seen', LIMIT, onPool(4, {}, async (pool, ...daemons) => {
    const { current, primary, daemons: listed } = pool.status
    assert.deepEqual(current, pool.multiDaemon.getDaemon())
    assert.deepEqual(primary, endpointOf(daemons[0]))
    assert.deepEqual(listed.map(({ port, primary }) => [port, primary]), daemons.map(({ port }, index) => [port, index === 0]))
    for (const { height, hash, networkHeight, incoming, outgoing, dialect, version, latency, lastSeen, consecutiveFailures } of listed) {
      assert.deepEqual({ height, hash, networkHeight, incoming, outgoing, dialect, version, consecutiveFailures },
        { height: 50, hash: pool.network.tip.hash, networkHeight: 50, incoming: 12, outgoing: 8, dialect: 'turtlecoin', version: '0.28.3', consecutiveFailures: 0 })
      assert.ok(latency > 0)
      assert.ok(Math.abs(Date.now() - lastSeen) < 60000)
    }
  }))

  test('counts failed tries until the daemon answers', LIMIT, onPool(4, {}, async (pool, P) => {
    await P.crash()
    await pool.rounds(2)
    assert.equal(pool.status.daemons[0].consecutiveFailures, 4)
    await P.recover()
    await pool.rounds()
    assert.equal(pool.status.daemons[0].consecutiveFailures, 0)
  }))

  const restless = { minHealthy: 1, fallback: 'best', recoveryPolls: 1 }
  test('keeps the latest 50 switches, and the epoch grows by one with each', LIMIT, onPool(4, restless, async (pool, P, A, B, C) => {
    const { epoch } = pool.status
    assert.ok(Math.abs(Date.now() - epoch) < 60000)
    B.busy()
    C.busy()
    await pool.rounds()
    let switches = 0
    for (; switches < 52; switches++) {
      const [leaves, enters] = switches % 2 ? [A, P] : [P, A]
      enters.busy(false)
      await pool.rounds()
      leaves.busy()
      await pool.rounds()
    }
    assert.equal(pool.path, 'P' + 'AP'.repeat(26))
    assert.equal(pool.status.epoch, epoch + 52)
    assert.deepEqual(pool.heard('switch').map(([event]) => event.epoch), Array.from({ length: 52 }, (_, index) => epoch + 1 + index))
    const events = pool.heard('switch').map(([event]) => structuredClone(event))
    assert.deepEqual(pool.status.switches, events.slice(2))
  }))
})

describe('getStatus().gateway', { concurrency: 4 }, () => {
  test('is where requests go, before anything is known and for as long as it is watched', LIMIT, onNetwork(4, async (network, P) => {
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const { gateway } = multiDaemon.getStatus()
    assert.equal((await ask(gateway, 'getblockcount', {})).result.count, 51)
    assert.deepEqual((await multiDaemon.ready).gateway, gateway)
    await multiDaemon.stop()
    await until(() => send(gateway).then(() => false, ({ code }) => code === 'ECONNREFUSED'), { what: 'nobody listens there' })
  }))

  test('is another one for each MultiDaemon of a process', LIMIT, onPool(4, {}, async (pool, ...daemons) => {
    const other = new MultiDaemon(configOf(daemons))
    assert.notDeepEqual(other.getStatus().gateway, pool.status.gateway)
    await other.stop()
    assert.equal((await ask(pool.status.gateway, 'getblockcount', {})).result.count, 51)
  }))

  test('is null without one', LIMIT, onPool(4, { gateway: false }, pool => assert.equal(pool.status.gateway, null)))
})

describe('a template', { concurrency: 4 }, () => {
  /** A pool asks again only when it was answered: meanwhile its miners have no work. */
  const TOO_LONG = 10000

  /** What a pool is told that asks for one, once its daemons are judged like that, and soon then. */
  async function toldOnce (pool, verdicts) {
    const asked = pool.multiDaemon.rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'T'.repeat(99) }).catch(error => error)
    await pool.roundsUntil(() => pool.verdicts === verdicts, verdicts)
    let timer
    const late = new Promise(resolve => { timer = setTimeout(resolve, TOO_LONG, `no answer within ${TOO_LONG} ms`) })
    return Promise.race([asked, late]).finally(() => clearTimeout(timer))
  }

  test('comes from a daemon that answers, once two are known to hang that were asked before', LIMIT, onPool(5, HANGING, async (pool, P, A) => {
    P.hang()
    A.hang()
    const told = await toldOnce(pool, 'timeout timeout healthy healthy healthy')
    assert.equal(told.height, pool.network.tip.height + 1, String(told.message || told))
  }))

  for (const [how, count, verdicts] of [['multi', 5, 'healthy timeout healthy timeout healthy'], ['single', 4, 'healthy timeout timeout timeout']]) {
    test(`that the daemon in use does not give is told in its words, once those are known to hang that were asked after it, in mode ${how}`, LIMIT,
      onPool(count, HANGING, async (pool, P, ...others) => {
        for (const daemon of [P, ...others]) daemon.giveTemplates('unsynced')
        verdicts.split(' ').forEach((verdict, index) => { if (verdict === 'timeout') pool.daemons[index].hang() })
        assert.match(await toldOnce(pool, verdicts), /must be synced/)
        assert.equal(pool.status.mode, how)
      }))
  }
})

describe('ready', { concurrency: 4 }, () => {
  test('resolves with the status after the first round', LIMIT, onNetwork(4, async network => {
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const status = await multiDaemon.ready
    assert.equal(status.healthy, 4)
    assert.equal(status.polls, 4)
    assert.equal(status.mode, 'multi')
    await multiDaemon.stop()
  }))

  test('waits for a daemon that has not failed yet', LIMIT, onNetwork(4, async (network, P, A) => {
    A.hang()
    const multiDaemon = new MultiDaemon(configOf(network.daemons, HANGING))
    const { daemons } = await multiDaemon.ready
    assert.equal(daemons[1].reason.code, 'timeout')
    await multiDaemon.stop()
  }))

  test('resolves also when nobody answers', LIMIT, onNetwork(4, async (network, ...daemons) => {
    await Promise.all(daemons.map(daemon => daemon.crash()))
    const multiDaemon = new MultiDaemon(configOf(daemons))
    const { healthy, mode, current } = await multiDaemon.ready
    assert.deepEqual({ healthy, mode, current }, { healthy: 0, mode: 'single', current: endpointOf(daemons[0]) })
    await multiDaemon.stop()
  }))

  test('starts with another daemon when the primary is down, and says so', LIMIT, onNetwork(4, async (network, P, A) => {
    await P.crash()
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const switched = once(multiDaemon, 'switch')
    await multiDaemon.ready
    assert.deepEqual(multiDaemon.getDaemon(), endpointOf(A))
    const [{ code, from, to }] = await switched
    assert.deepEqual({ code, from, to }, { code: 'start', from: endpointOf(P), to: endpointOf(A) })
    await multiDaemon.stop()
  }))
})

describe('refresh()', { concurrency: 4 }, () => {
  test('polls every daemon now and resolves with what was seen', LIMIT, onPool(4, {}, async (pool, ...daemons) => {
    const tip = pool.network.mine()
    const before = daemons.map(daemon => daemon.count('/info'))
    const { daemons: seen } = await pool.multiDaemon.refresh()
    assert.deepEqual(seen.map(({ hash }) => hash), Array(4).fill(tip.hash))
    assert.deepEqual(daemons.map((daemon, index) => daemon.count('/info') - before[index]), [1, 1, 1, 1])
  }))

  test('several at once all resolve', LIMIT, onPool(4, {}, async pool => {
    const all = await Promise.all(Array.from({ length: 20 }, () => pool.multiDaemon.refresh()))
    assert.ok(all.every(({ healthy }) => healthy === 4))
  }))

  test('resolves when daemons are down', LIMIT, onPool(4, {}, async (pool, ...daemons) => {
    await Promise.all(daemons.map(daemon => daemon.crash()))
    assert.equal((await pool.multiDaemon.refresh()).healthy, 0)
  }))
})

describe('stop()', { concurrency: 4 }, () => {
  test('may be called twice, and all goes on answering what was last', LIMIT, onPool(4, {}, async (pool, P) => {
    await P.crash()
    await pool.rounds()
    const [daemon, status] = [pool.multiDaemon.getDaemon(), pool.status]
    assert.equal(await pool.multiDaemon.stop(), undefined)
    assert.equal(await pool.multiDaemon.stop(), undefined)
    assert.equal(pool.multiDaemon.getDaemon(), daemon)
    assert.deepEqual(pool.status, status)
    assert.deepEqual(await pool.multiDaemon.refresh(), status)
    assert.deepEqual((await pool.multiDaemon.ready).daemons.length, 4)
  }))

  test('resolves what is waited for', LIMIT, onNetwork(4, async network => {
    for (const daemon of network.daemons) daemon.hang()
    const multiDaemon = new MultiDaemon(configOf(network.daemons))
    const pending = [multiDaemon.ready, multiDaemon.refresh(), multiDaemon.refresh()]
    await multiDaemon.stop()
    for (const status of await Promise.all(pending)) assert.equal(status.polls, 0)
  }))

  test('ends every connection, and no request and no event follows', LIMIT, onPool(4, CLOCKED, async (pool, ...daemons) => {
    const { polls } = pool.status
    await until(() => pool.status.polls > polls + 8, { what: 'polls by the clock' })
    await pool.multiDaemon.stop()
    await until(() => daemons.every(({ connections }) => connections === 0), { what: 'no connection is left' })
    const before = [daemons.map(daemon => [daemon.count(), daemon.accepted]), pool.events.length, pool.status]
    pool.network.mine(5, { on: daemons.slice(1) })
    await daemons[0].crash()
    // A watch that goes on would poll ten times meanwhile.
    await new Promise(resolve => setTimeout(resolve, 500))
    assert.deepEqual([daemons.map(daemon => [daemon.count(), daemon.accepted]), pool.events.length, pool.status], before)
  }))

  test('in a listener, no other listener hears of the rest', LIMIT, onPool(4, {}, async (pool, P) => {
    const { multiDaemon } = pool
    multiDaemon.once('daemon', () => multiDaemon.stop())
    await P.crash()
    await multiDaemon.refresh()
    assert.deepEqual(pool.events.filter(([name]) => name !== 'block').map(([name]) => name), ['daemon', 'daemon', 'daemon', 'daemon', 'mode', 'daemon'])
  }))
})

describe('events', { concurrency: 4 }, () => {
  test('a switch listener that asks sees the new daemon and the new status', LIMIT, onPool(4, {}, async (pool, P, A) => {
    const { multiDaemon } = pool
    const asked = []
    multiDaemon.on('switch', event => asked.push([multiDaemon.getDaemon() === event.to, multiDaemon.getStatus().epoch === event.epoch]))
    await P.crash()
    await pool.rounds()
    assert.deepEqual(asked, [[true, true]])
  }))

  test('switch carries all that is declared', LIMIT, onPool(4, {}, async (pool, P) => {
    await P.crash()
    await pool.rounds()
    const [[event]] = pool.heard('switch')
    assert.deepEqual(differences(event, 'SwitchEvent'), [])
    assert.match(event.reason, /\w.*\.$/)
    assert.ok(Math.abs(Date.now() - event.at) < 60000)
  }))

  test('daemon comes with the daemon and its state before', LIMIT, onPool(4, {}, async (pool, P, A) => {
    assert.deepEqual(pool.heard('daemon').map(([{ port, state }, before]) => [port, state, before]),
      pool.daemons.map(({ port }) => [port, 'healthy', 'unknown']))
    pool.events.length = 0
    A.behave(faults.html)
    await pool.rounds()
    A.behave(faults.status(500))
    await pool.rounds()
    const heard = pool.heard('daemon')
    assert.deepEqual(heard.map(([{ port, state, reason }, before]) => [port, state, reason.code, before]),
      [[A.port, 'unhealthy', 'invalid-reply', 'healthy'], [A.port, 'unresponsive', 'http-status', 'unhealthy']])
    for (const [daemon] of heard) assert.deepEqual(differences(daemon, 'DaemonStatus'), [])
  }))

  test('daemon is silent while nothing but numbers change', LIMIT, onPool(4, {}, async pool => {
    pool.events.length = 0
    pool.network.mine()
    await pool.rounds(3)
    assert.deepEqual(pool.heard('daemon'), [])
  }))

  test('mode comes with the mode and the status', LIMIT, onPool(3, {}, async (pool, P, A) => {
    await A.crash()
    await pool.rounds()
    assert.deepEqual(pool.heard('mode').map(([mode, status]) => [mode, status.mode, status.healthy]), [['multi', 'multi', 3], ['single', 'single', 2]])
    for (const [, status] of pool.heard('mode')) assert.deepEqual(differences(status, 'Status'), [])
  }))

  test('hold comes with its value and the status, when it begins and when it ends', LIMIT, onPool(4, {}, async (pool, P, A) => {
    pool.network.partition([P, A])
    pool.network.mine(3)
    await pool.rounds(3)
    pool.network.mine(1, { on: [P, A] })
    pool.network.heal()
    await pool.rounds(3)
    assert.deepEqual(pool.heard('hold').map(([hold, status]) => [hold, status.hold]), [[true, true], [false, false]])
    for (const [, status] of pool.heard('hold')) assert.deepEqual(differences(status, 'Status'), [])
  }))

  test('block comes with every new head', LIMIT, onPool(4, {}, async pool => {
    pool.events.length = 0
    const mined = []
    for (let block = 0; block < 3; block++) {
      const { height, hash } = pool.network.mine()
      mined.push([{ height, hash }])
      await pool.rounds()
    }
    assert.deepEqual(pool.heard('block'), mined)
  }))

  const template = multiDaemon => multiDaemon.rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'T'.repeat(99) })

  test('submitted comes with each block that the pool submits, once it is settled', LIMIT, onPool(4, {}, async (pool, P) => {
    const { blocktemplate_blob: blob, height } = await template(pool.multiDaemon)
    const before = Date.now()
    await pool.multiDaemon.rpc('submitblock', [blob])
    await until(() => pool.heard('submitted').length === 1, { what: 'it is announced' })
    const [[block]] = pool.heard('submitted')
    assert.deepEqual(differences(block, 'BlockFate'), [])
    const { at, hash, seen, depth, ...rest } = block
    assert.deepEqual(rest, { id: 0, height, told: 'accepted', late: false, by: endpointOf(P), orphaned: false })
    assert.ok(at >= before && at <= Date.now())
    await pool.rounds()
    await until(() => pool.status.blocks[0].hash !== null, { what: 'it is seen' })
    assert.deepEqual([pool.status.blocks.length, pool.status.blocks[0].hash], [1, pool.network.tip.hash])
    assert.deepEqual([pool.heard('submitted').length, pool.heard('lost')], [1, []])
  }))

  test('submitted comes with a block that is refused, too', LIMIT, onPool(4, {}, async pool => {
    const { blocktemplate_blob: blob } = await template(pool.multiDaemon)
    for (const daemon of pool.daemons) daemon.takeBlocks('refused')
    await assert.rejects(pool.multiDaemon.rpc('submitblock', [blob]), { code: -7, message: 'Block not accepted' })
    await until(() => pool.heard('submitted').length === 1, { what: 'it is announced' })
    const [[{ told, late, by, hash }]] = pool.heard('submitted')
    assert.deepEqual([told, late, by, hash], ['refused', false, null, null])
  }))

  test('lost comes with a block that was taken, and has another one in its place', LIMIT, onPool(4, {}, async (pool, P, ...others) => {
    pool.network.partition(P)
    const { blocktemplate_blob: blob, height } = await template(pool.multiDaemon)
    await pool.multiDaemon.rpc('submitblock', [blob])
    assert.equal(P.tip.height, height)
    pool.network.mine(4, { on: others })
    pool.network.heal()
    await pool.roundsUntil(() => pool.heard('lost').length > 0, 'the loss is announced')
    assert.deepEqual(pool.heard('lost').map(([{ id, told, orphaned }]) => [id, told, orphaned]), [[0, 'accepted', true]])
    for (const [block] of pool.heard('lost')) assert.deepEqual(differences(block, 'BlockFate'), [])
    assert.equal(pool.status.blocks[0].orphaned, true)
  }))

  test('listeners that throw are an uncaught exception each, and lose no other change and no other listener', LIMIT, onNetwork(4, async (network, P) => {
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      const uncaught = []
      const heard = []
      process.on('uncaughtException', error => uncaught.push(error.message))
      await pool.ready
      pool.on('daemon', () => { throw new Error('of a daemon listener') })
      pool.on('switch', () => { throw new Error('of a switch listener') })
      pool.once('switch', ({ to }) => heard.push(to === pool.getDaemon()))
      pool.on('mode', mode => heard.push(mode))
      report('ready')
      process.stdin.once('data', async () => {
        const { healthy } = await pool.refresh()
        setImmediate(() => {
          report({ uncaught, heard, healthy, port: pool.getDaemon().port })
          process.exit()
        })
      })
    }, { args: [configOf(network.daemons, { minHealthy: 4, fallback: 'best' })] })
    try {
      assert.equal(await child.next(), 'ready')
      await P.crash()
      child.proceed()
      assert.deepEqual(await child.next(),
        { uncaught: ['of a daemon listener', 'of a switch listener'], heard: [true, 'single'], healthy: 3, port: network.daemons[1].port })
    } finally {
      child.kill()
    }
  }))

  test('a listener that throws ends a process that does not care', LIMIT, onNetwork(4, async network => {
    const { code, stderr } = await inChild((report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      pool.on('daemon', () => { throw new Error('of a listener') })
      pool.ready.then(() => setTimeout(() => {}, 30000))
      report('started')
    }, { args: [configOf(network.daemons)] })
    assert.notEqual(code, 0)
    assert.match(stderr, /of a listener/)
  }))
})
