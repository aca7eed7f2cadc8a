'use strict'

// A pool of several processes with the addon attached, on daemons that fail in all the ways that pools have met.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const { faults } = require('../sim')
const { withPool } = require('./standin/with-pool')

const LIMIT = { timeout: 120000 }
const PLAIN = { standin: { variant: 'plain' } }
const EDITED = { standin: { variant: 'edited' } }

const templatesOf = daemon => daemon.count('getblocktemplate')
const isMulti = ({ status }) => status.mode === 'multi'
const address = ({ host, port }) => `${host}:${port}`

/** Templates keep coming from this daemon. */
const servesTemplates = (pool, daemon) => {
  const before = templatesOf(daemon)
  return pool.until(() => templatesOf(daemon) >= before + 3, `templates from ${daemon.address}`)
}

/** The worker that is killed, and the first template of the one in its place. */
async function replaceWorker (pool, role = 'pool1') {
  const { pid } = pool.all('template', { role }).pop()
  pool.command('kill', { pid })
  const next = await pool.until(() => pool.all('refresh', { role }).find(report => isNewer(pool, report, pid)), 'a new worker')
  return { pid, next }
}

const isNewer = (pool, report, pid) => report.pid !== pid && pool.reports.indexOf(report) > pool.reports.map(each => each.pid).lastIndexOf(pid)

describe('a daemon that fails', () => {
  test('a primary that is broken from the start is never asked again once that is known', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      const miner = await pool.miner()
      assert.equal((await miner.share()).error, null)
      await pool.says('pool1', isMulti)
      const asked = templatesOf(primary)
      assert.ok(asked > 0)
      const { next } = await replaceWorker(pool)
      assert.equal(next.error, null)
      assert.equal(templatesOf(primary), asked)
    }, { prepare: async (network, primary) => primary.behave(faults.reset) }))

  test('a primary that is down from the start does not keep miners waiting', LIMIT, () =>
    withPool(PLAIN, async pool => assert.ok((await pool.miner()).job.blob),
      { prepare: (network, primary) => primary.crash() }))

  test('a primary that hangs from the start does not keep miners waiting', LIMIT, () =>
    withPool(PLAIN, async pool => assert.ok((await pool.miner()).job.blob),
      { prepare: async (network, primary) => primary.hang() }))

  test('when the daemon in use hangs, the unchanged loop goes on, on another one', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      primary.hang()
      await servesTemplates(pool, second)
      const jobs = miner.jobs.length
      network.mine()
      await pool.until(() => miner.jobs.length > jobs, 'a job on the new block')
      assert.equal(pool.all('refresh', { role: 'pool1' }).filter(({ error }) => error).length, 1)
      assert.equal((await miner.share()).error, null)
    }))

  for (const [name, harm] of [['hangs', daemon => daemon.hang()], ['dies', daemon => daemon.crash()]]) {
    test(`when the daemon in use ${name}, an edited pool misses no template`, LIMIT, () =>
      withPool(EDITED, async (pool, network, primary, second) => {
        const miner = await pool.miner()
        await pool.says('pool1', isMulti)
        await harm(primary)
        await servesTemplates(pool, second)
        network.mine()
        await pool.until(() => miner.job.height === network.tip.height + 1, 'a job on the new block')
        assert.equal(pool.all('refresh').filter(({ error }) => error).length, 0)
        assert.equal((await miner.share()).error, null)
      }))
  }

  test('a request that hangs has its daemon polled at once, and the others with it, however long until the next poll', LIMIT, () =>
    withPool({ ...PLAIN, multiDaemon: { pollingInterval: 3600000 } }, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      const [, ...others] = network.daemons
      const polls = others.map(daemon => daemon.count('/info'))
      primary.hang()
      await servesTemplates(pool, second)
      assert.equal((await miner.share()).error, null)
      await pool.until(() => others.every((daemon, index) => daemon.count('/info') === polls[index] + 1), 'one poll of each other daemon')
    }))

  test('when the daemon in use dies, the pool moves on, and one process says so', LIMIT, () =>
    withPool({ ...PLAIN, poolServer: { clusterForks: 2 }, blockUnlocker: { enabled: true } }, async (pool, network, primary, second) => {
      await pool.until(() => pool.all('listening').length === 2 && pool.all('round').length > 0, 'all workers are at work')
      await pool.says('pool2', isMulti)
      await primary.crash()
      await servesTemplates(pool, second)
      for (const role of ['pool1', 'pool2', 'blockUnlocker']) {
        const { daemon, native, work } = await pool.says(role, ({ daemon }) => daemon === second.address)
        assert.deepEqual({ daemon, native, work }, { daemon: second.address, native: false, work: 1 })
      }
      const lines = pool.log().filter(({ text }) => /unresponsive|^From/.test(text))
      assert.deepEqual(lines.map(({ role, severity }) => [role, severity]), [['master', 'warn'], ['master', 'warn']])
    }))

  test('when all daemons are gone and come back, so does the pool', LIMIT, () =>
    withPool(PLAIN, async (pool, network, ...daemons) => {
      const miner = await pool.miner()
      const { pid } = await pool.says('pool1', isMulti)
      await Promise.all(daemons.map(daemon => daemon.crash()))
      await pool.says('pool1', ({ status }) => status.healthy === 0)
      network.mine(2)
      await Promise.all(daemons.map(daemon => daemon.restart()))
      await pool.until(() => miner.job.height === network.tip.height + 1, 'a job on the new tip')
      assert.equal((await pool.says('pool1', isMulti)).pid, pid)
    }))
})

describe('a fork', () => {
  test('at an equal height an edited pool gives its miners a new job, and takes shares of both', LIMIT, () =>
    withPool(EDITED, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      network.partition(primary)
      network.mine(2)
      assert.equal(primary.tip.height, second.tip.height)
      const good = await pool.until(() => miner.jobs.find(({ blob }) => blob.includes(second.tip.hash)), 'a job on the main chain')
      const bad = miner.jobs.find(({ blob }) => blob.includes(primary.tip.hash))
      assert.equal(bad.height, good.height)
      for (const job of [bad, good, bad, good, bad, good]) await miner.share(job)
      assert.deepEqual([miner.accepted, miner.refused, miner.emptyJobs], [6, [], 0])
      assert.equal(pool.all('banned').length, 0)
    }))

  test('a plain pool follows as soon as the main chain is higher', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      network.partition(primary)
      network.mine(2)
      await servesTemplates(pool, second)
      network.mine()
      await pool.until(() => miner.jobs.find(({ blob }) => blob.includes(second.tip.hash)), 'a job on the main chain')
      assert.equal((await miner.share()).error, null)
    }))

  test('a block that a miner finds reaches the daemon in use', LIMIT, () =>
    withPool(EDITED, async (pool, network) => {
      const miner = await pool.miner()
      await miner.share(miner.job, network.difficulty)
      const { hash } = await pool.until(() => pool.all('block')[0], 'a block')
      assert.equal(network.tip.hash, hash)
      await pool.until(() => miner.job.blob.includes(hash), 'a job on it')
    }, { network: { difficulty: 50 } }))

  test('two against two: nothing is marked as orphaned until they agree', LIMIT, () =>
    withPool({ ...EDITED, blockUnlocker: { enabled: true, depth: 6, candidates: [{ height: 61, hash: 'of a block that nobody has' }] } },
      async (pool, network, primary, second) => {
        await pool.says('blockUnlocker', isMulti)
        network.partition([primary, second])
        network.mine(3)
        await pool.says('blockUnlocker', ({ hold }) => hold)
        network.mine(5)
        const held = pool.all('held').length
        await pool.until(() => pool.all('held').length > held + 5, 'the unlocker waits')
        assert.deepEqual([pool.all('orphaned').length, pool.all('unlocked').length], [0, 0])
        network.heal()
        network.mine()
        await pool.until(() => pool.all('orphaned')[0], 'it goes on')
        assert.equal((await pool.status('blockUnlocker')).hold, false)
      }))
})

describe('one decision for all processes', () => {
  test('while the master is blocked its workers judge for themselves, and then follow again', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      const unblock = pool.block()
      const told = text => pool.log().some(line => line.role === 'pool1' && line.text.includes(text))
      await pool.until(() => told('the master is silent'), 'the worker misses its master')
      assert.equal(pool.all('refresh').filter(({ error }) => error).length, 0)
      await primary.crash()
      await servesTemplates(pool, second)
      network.mine()
      await pool.until(() => miner.job.height === network.tip.height + 1, 'a new job')
      assert.equal(pool.all('unblocked').length, 0)
      unblock()
      await pool.until(() => told('following the master again'), 'the worker follows again')
      const { daemon } = await pool.status('pool1')
      assert.equal(daemon, second.address)
    }))

  test('until its own first round ends, a worker keeps to the master\'s last word', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      await pool.miner()
      primary.behave(faults.reset)
      await pool.says('pool1', ({ daemon }) => daemon === second.address)
      const asked = templatesOf(primary)
      const unblock = pool.block()
      await pool.until(() => pool.log().some(({ role, text }) => role === 'pool1' && text.includes('polls for itself')), 'the worker judges')
      await servesTemplates(pool, second)
      assert.equal(templatesOf(primary), asked)
      unblock()
    }))

  for (const [name, change] of [
    ['nonsense', { daemons: 'none', pollingInterval: 'soon', timeout: null }],
    ['another interval', { pollingInterval: 10 }],
    ['daemons that nobody has', { daemons: [{ host: '127.0.0.1', port: 1 }] }]
  ]) {
    test(`a worker that starts on a half-edited configuration follows its master: ${name}`, LIMIT, () =>
      withPool(PLAIN, async (pool, network, primary, second) => {
        await pool.miner()
        primary.behave(faults.reset)
        await pool.says('pool1', ({ daemon }) => daemon === second.address)
        pool.configure({ ...pool.config, multiDaemon: { ...pool.config.multiDaemon, ...change } })
        const { next } = await replaceWorker(pool)
        assert.equal(next.error, null)
        await servesTemplates(pool, second)
        const { daemon, native, attached } = await pool.status('pool1')
        const after = await pool.says('pool1', ({ pid }) => pid === next.pid)
        assert.deepEqual({ daemon, native, attached, pid: after.pid }, { daemon: second.address, native: false, attached: true, pid: next.pid })
      }))
  }

  test('messages that cannot be read are ignored, and mentioned once', LIMIT, () =>
    withPool(PLAIN, async pool => {
      await pool.miner()
      const { status } = await pool.says('pool1', isMulti)
      const state = change => ({ type: 'multiDaemon', kind: 'state', source: 'x', interval: 100, ready: true, status: { ...status, ...change } })
      const unreadable = [{ type: 'multiDaemon' }, { type: 'multiDaemon', kind: 'state' }, { type: 'multiDaemon', kind: 'refreshed', request: 1 },
        { ...state(), interval: 'x' }, state({ current: null }), state({ current: { host: 'a', port: 'b', tls: false } }), state({ current: { host: 'a', port: 65536, tls: false } }), state({ daemons: [null] }),
        state({ daemons: undefined }), state({ switches: [{}] }), state({ head: {} }), state({ hold: 1 }), state({ epoch: null })]
      for (const message of [...unreadable, { type: 'shareTrust' }, { type: 'another' }]) pool.command('send', { message })
      const after = await pool.status('pool1')
      assert.deepEqual([after.pid, after.daemon], [pool.all('template').pop().pid, address(pool.config.daemon)])
      assert.equal(pool.log().filter(({ role, text }) => role === 'pool1' && /cannot be read/.test(text)).length, 1)
    }))

  test('a worker\'s refresh is the master\'s, and stop() ends its following', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      await pool.miner()
      await pool.says('pool1', isMulti)
      const id = pool.command('refresh')
      await pool.until(() => pool.all('refreshed', { id, role: 'pool1' })[0], 'the worker\'s refresh')
      const stop = pool.command('stop')
      await pool.until(() => pool.all('stopped', { id: stop }).length === 2, 'both stop')
      await pool.status('pool1')
      await primary.crash()
      assert.equal((await pool.status('pool1')).daemon, primary.address)
      assert.equal((await pool.status('pool1')).native, false)
    }))
})

describe('without a master that is attached', () => {
  test('workers judge for themselves, until it speaks', LIMIT, () =>
    withPool({ standin: { variant: 'plain', attach: 'workers' } }, async (pool, network, primary, second) => {
      await pool.miner()
      assert.equal((await pool.says('pool1', isMulti)).native, true)
      assert.equal((await pool.status('master')).attached, false)
      await primary.crash()
      await servesTemplates(pool, second)
      pool.command('attach')
      await pool.until(() => pool.log().some(({ role, text }) => role === 'pool1' && text.includes('following the master again')), 'it follows')
      await pool.says('pool1', ({ daemon }) => daemon === second.address)
    }))

  test('an environment that cannot be read is ignored, and mentioned', LIMIT, () =>
    withPool({ standin: { variant: 'plain', attach: 'workers' } }, async pool => {
      await pool.miner()
      assert.equal(pool.log().filter(({ role, text }) => role === 'pool1' && /environment cannot be read/.test(text)).length, 1)
      await pool.says('pool1', isMulti)
    }, { environment: { MULTI_DAEMON_STATE: '{"source":"1","status":{"daemons":[]}}' } }))
})

test('a worker whose configuration has lost its daemon says so and does not throw', LIMIT, async () => {
  const config = { daemon: null, multiDaemon: { enabled: true, daemons: [] } }
  const script = `
    const cluster = require('cluster')
    const { attach } = require(${JSON.stringify(path.join(__dirname, '..'))})
    if (cluster.isMaster) {
      cluster.fork().on('message', text => { process.stdout.write(JSON.stringify(text)); cluster.disconnect() })
    } else {
      const lines = []
      const before = process.listenerCount('message')
      const answer = attach(${JSON.stringify(config)}, { log: (severity, system, text, data) => lines.push([severity, data[0]]) })
      process.send({ answer, lines, listeners: process.listenerCount('message') - before })
    }`
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-attach-')), 'worker.js')
  fs.writeFileSync(file, script)
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60000 })
  fs.rmSync(path.dirname(file), { recursive: true })
  const { answer, lines, listeners } = JSON.parse(stdout || `"${stderr}"`)
  assert.deepEqual([answer, listeners, lines.length, lines[0][0]], [null, 0, 1, 'error'])
  assert.match(lines[0][1], /daemon: null is not an object/)
})

describe('switched off', () => {
  for (const [name, settings] of [
    ['not enabled', { multiDaemon: { enabled: false } }],
    ['never attached', { standin: { variant: 'plain', attach: 'none' } }]
  ]) {
    test(`${name}: the pool asks its own daemon only`, LIMIT, () =>
      withPool({ ...PLAIN, ...settings }, async (pool, network, primary, ...others) => {
        await pool.miner()
        await servesTemplates(pool, primary)
        for (const role of ['master', 'pool1']) {
          const { attached, native } = await pool.status(role)
          assert.deepEqual({ attached, native }, { attached: false, native: false })
        }
        assert.deepEqual(primary.counts(), { getblocktemplate: templatesOf(primary) })
        assert.deepEqual(others.map(daemon => daemon.count()), [0, 0, 0])
        assert.equal(pool.log().length, 0)
      }))
  }
})
