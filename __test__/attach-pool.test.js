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

/** Requests for templates that ended with an error. */
const failures = pool => pool.all('refresh').filter(({ error }) => error)
const told = (pool, role, text) => pool.log().some(line => line.role === role && line.text.includes(text))

describe('requests of the pool\'s own code', () => {
  test('go to the gateway of the master, in every process, and arrive at the daemon in use', LIMIT, () =>
    withPool({ poolServer: { clusterForks: 2 }, blockUnlocker: { enabled: true } }, async (pool, network, primary, second, third) => {
      const { asks, status } = await pool.says('master', isMulti)
      assert.equal(asks, address(status.gateway))
      for (const role of ['pool1', 'pool2', 'blockUnlocker']) assert.equal((await pool.says(role, isMulti)).asks, asks)
      await servesTemplates(pool, primary)
      pool.command('order', { at: 'master', name: 'pin', args: [third.host, third.port, 3600000] })
      for (const role of ['pool1', 'pool2']) await pool.says(role, ({ daemon }) => daemon === third.address)
      const before = [primary, second].map(templatesOf)
      await servesTemplates(pool, third)
      assert.deepEqual([primary, second].map(templatesOf), before)
      assert.deepEqual(new Set(pool.all('refresh').map(({ of }) => of)), new Set([asks]))
      const lines = pool.log().filter(({ text }) => text.includes('gateway'))
      assert.deepEqual(lines.map(({ role, severity, text }) => [role, severity, text]), [['master', 'info', `requests go through the gateway at ${asks}`]])
    }))

  test('show which processes have attached, by what the pool calls them', LIMIT, () =>
    withPool({ poolServer: { clusterForks: 2 }, blockUnlocker: { enabled: true } }, async (pool, network, primary) => {
      const isKnown = ({ status }) => status.processes && status.processes.every(({ attached }) => attached) && status.processes.filter(({ role }) => role === 'pool').length === 2
      const { status: { processes }, pid } = await pool.says('master', isKnown)
      assert.deepEqual(processes.map(({ role, attached }) => [role, attached]).sort(), [[null, true], ['blockUnlocker', true], ['pool', true], ['pool', true]])
      assert.deepEqual([processes[0].pid, processes[0].worker], [pid, null])
      for (const { pid, worker, since } of processes.slice(1)) {
        assert.ok(pid > 0 && Number.isInteger(worker), `${pid} ${worker}`)
        assert.ok(since <= Date.now(), `known since ${since}`)
      }
      // Workers are told the same.
      const { status } = await pool.says('pool1', isKnown)
      assert.deepEqual(status.processes.map(({ pid }) => pid).sort(), processes.map(({ pid }) => pid).sort())
      // Whoever takes the place of a dead worker has the dead one's role, and a number of its own.
      await pool.miner()
      const { pid: dead } = await replaceWorker(pool)
      await pool.says('master', state => isKnown(state) && !state.status.processes.some(({ pid }) => pid === dead))
      assert.ok(primary.count('getblocktemplate') > 0)
    }))

  test('go there from the first on where a worker takes a dead one\'s place', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      await pool.miner()
      const { asks } = await pool.says('pool1', isMulti)
      await primary.crash()
      await pool.says('pool1', ({ daemon }) => daemon === second.address)
      const { next } = await replaceWorker(pool)
      assert.deepEqual([next.of, next.error], [asks, null])
      assert.deepEqual(failures(pool), [])
    }))

  test('arrive at the daemon in use while the master is blocked, also after a switch', LIMIT, () =>
    withPool({ ...PLAIN, multiDaemon: { pollingInterval: 1500 } }, async (pool, network, primary, second) => {
      await pool.miner()
      const { asks } = await pool.says('pool1', isMulti)
      const unblock = pool.block()
      await primary.crash()
      await servesTemplates(pool, second)
      // Until a worker misses its master three intervals have to pass.
      assert.equal(told(pool, 'pool1', 'the master is silent'), false)
      assert.deepEqual(new Set(pool.all('refresh').map(({ of }) => of)), new Set([asks]))
      assert.deepEqual([failures(pool), pool.all('unblocked')], [[], []])
      unblock()
      await pool.says('pool1', ({ daemon }) => daemon === second.address)
    }))
})

describe('a daemon that fails', () => {
  test('a primary that is broken from the start costs no template', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      const miner = await pool.miner()
      assert.equal((await miner.share()).error, null)
      await pool.says('pool1', ({ daemon, status }) => status.mode === 'multi' && daemon !== primary.address)
      const { next } = await replaceWorker(pool)
      assert.equal(next.error, null)
      assert.deepEqual(failures(pool), [])
    }, { prepare: async (network, primary) => primary.behave(faults.reset) }))

  for (const [name, prepare] of [['is down', (network, primary) => primary.crash()], ['hangs', async (network, primary) => primary.hang()]]) {
    test(`a primary that ${name} from the start costs no template`, LIMIT, () =>
      withPool(PLAIN, async pool => {
        assert.ok((await pool.miner()).job.blob)
        await pool.says('pool1', isMulti)
        assert.deepEqual(failures(pool), [])
      }, { prepare }))
  }

  for (const [name, harm] of [['hangs', daemon => daemon.hang()], ['dies', daemon => daemon.crash()], ['breaks off its answers', daemon => daemon.behave(faults.truncated)]]) {
    test(`when the daemon in use ${name}, the pool misses no template`, LIMIT, () =>
      withPool(PLAIN, async (pool, network, primary, second) => {
        const miner = await pool.miner()
        await pool.says('pool1', isMulti)
        await harm(primary)
        await servesTemplates(pool, second)
        network.mine()
        await pool.until(() => miner.job.height === network.tip.height + 1, 'a job on the new block')
        assert.deepEqual(failures(pool), [])
        assert.equal((await miner.share()).error, null)
      }))
  }

  test('a daemon in use that answers polls, but gives no templates, is left, and misses none', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      await pool.miner()
      await pool.says('pool1', isMulti)
      primary.giveTemplates('busy')
      const { status } = await pool.says('pool1', ({ daemon }) => daemon === second.address)
      const [{ state, reason }] = status.daemons
      assert.deepEqual([state, reason.code, reason.cause, status.switches.pop().code], ['unhealthy', 'no-work', 'busy', 'no-work'])
      assert.deepEqual(failures(pool), [])
    }))

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
      const lines = what => pool.log().filter(({ text }) => what.test(text)).map(({ role, severity }) => [role, severity])
      await pool.until(() => lines(/unresponsive/).length > 0, 'the log names the daemon')
      assert.deepEqual([lines(/unresponsive/), lines(/^From/)], [[['master', 'warn']], [['master', 'warn']]])
      assert.deepEqual(new Set(pool.log().map(({ role }) => role)), new Set(['master']))
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

  test('two against two: nothing is marked as orphaned until they agree', LIMIT, () =>
    withPool({ ...PLAIN, blockUnlocker: { enabled: true, depth: 6, candidates: [{ height: 61, hash: 'of a block that nobody has' }] } },
      async (pool, network, primary, second) => {
        await pool.says('blockUnlocker', isMulti)
        network.partition([primary, second])
        network.mine(3)
        await pool.says('blockUnlocker', ({ hold }) => hold)
        const refused = () => pool.all('log', { role: 'blockUnlocker', system: 'unlocker' }).filter(({ text }) => text.includes('the daemons disagree from block 61 on'))
        const before = refused().length
        network.mine(5)
        await pool.until(() => refused().length > before + 5, 'the unlocker is told to wait')
        assert.deepEqual([pool.all('orphaned').length, pool.all('unlocked').length], [0, 0])
        network.heal()
        network.mine()
        await pool.until(() => pool.all('orphaned')[0], 'it goes on')
        assert.equal((await pool.status('blockUnlocker')).hold, false)
      }))
})

describe('a block that a miner finds', () => {
  const EASY = { network: { difficulty: 50 } }

  test('reaches the daemon in use, which is told in the log and in the status', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      await miner.share(miner.job, network.difficulty)
      const { hash, height } = await pool.until(() => pool.all('block')[0], 'a block')
      assert.equal(network.tip.hash, hash)
      await pool.until(() => miner.job.blob.includes(hash), 'a job on it')
      for (const role of ['master', 'pool1']) {
        const { status } = await pool.says(role, ({ status: { blocks: [block] } }) => block && block.told === 'accepted')
        const [block, ...others] = status.blocks
        assert.deepEqual([block.height, block.by, others], [height, { host: primary.host, port: primary.port, tls: false }, []])
      }
      await pool.until(() => told(pool, 'master', `the block at ${height} was accepted by ${primary.address}`), 'the log says so')
    }, EASY))

  test('reaches another one while the daemon in use hangs', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      const miner = await pool.miner()
      await pool.says('pool1', isMulti)
      primary.hang()
      await miner.share(miner.job, network.difficulty)
      const { hash } = await pool.until(() => pool.all('block')[0], 'a block')
      assert.equal(network.tip.hash, hash)
      assert.equal(primary.submitted.length, 0)
    }, EASY))
})

describe('one decision for all processes', () => {
  test('while the master is blocked its workers judge for themselves, and then follow again', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      const miner = await pool.miner()
      const { asks } = await pool.says('pool1', isMulti)
      const unblock = pool.block()
      await pool.until(() => told(pool, 'pool1', 'the master is silent'), 'the worker misses its master')
      await primary.crash()
      await servesTemplates(pool, second)
      network.mine()
      await pool.until(() => miner.job.height === network.tip.height + 1, 'a new job')
      await pool.until(() => pool.all('refresh').pop().of !== asks, 'requests go to a gateway of its own')
      assert.equal(pool.all('unblocked').length, 0)
      unblock()
      await pool.until(() => told(pool, 'pool1', 'following the master again'), 'the worker follows again')
      // The master's first word may be from before it was blocked.
      const after = await pool.says('pool1', ({ daemon }) => daemon === second.address)
      assert.deepEqual([after.asks, after.native], [asks, true])
      assert.deepEqual(failures(pool), [])
    }))

  test('until its own first round ends, a worker keeps to the master\'s last word', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary, second) => {
      await pool.miner()
      primary.behave(faults.reset)
      await pool.says('pool1', ({ daemon }) => daemon === second.address)
      const unblock = pool.block()
      await pool.until(() => told(pool, 'pool1', 'polls for itself'), 'the worker judges')
      await servesTemplates(pool, second)
      assert.deepEqual(failures(pool), [])
      unblock()
    }))

  for (const [name, change] of [
    ['nonsense', { daemons: 'none', pollingInterval: 'soon', timeout: null, gateway: 'no' }],
    ['another interval', { pollingInterval: 10 }],
    ['daemons that nobody has', { daemons: [{ host: '127.0.0.1', port: 1 }] }],
    ['no gateway', { gateway: false }]
  ]) {
    test(`a worker that starts on a half-edited configuration follows its master: ${name}`, LIMIT, () =>
      withPool(PLAIN, async (pool, network, primary, second) => {
        await pool.miner()
        primary.behave(faults.reset)
        const before = await pool.says('pool1', ({ daemon }) => daemon === second.address)
        pool.configure({ ...pool.config, multiDaemon: { ...pool.config.multiDaemon, ...change } })
        const { next } = await replaceWorker(pool)
        assert.equal(next.error, null)
        await servesTemplates(pool, second)
        const { daemon, asks, native, attached } = await pool.says('pool1', ({ pid }) => pid === next.pid)
        assert.deepEqual({ daemon, asks, native, attached }, { daemon: second.address, asks: before.asks, native: false, attached: true })
      }))
  }

  test('messages that cannot be read are ignored, and mentioned once', LIMIT, () =>
    withPool(PLAIN, async pool => {
      await pool.miner()
      const before = await pool.says('pool1', isMulti)
      const { status } = before
      const state = change => ({ type: 'multiDaemon', kind: 'state', source: 'x', interval: 100, ready: true, status: { ...status, ...change } })
      const unreadable = [{ type: 'multiDaemon' }, { type: 'multiDaemon', kind: 'state' }, { type: 'multiDaemon', kind: 'refreshed', request: 1 },
        { ...state(), interval: 'x' }, state({ current: null }), state({ current: { host: 'a', port: 'b', tls: false } }), state({ current: { host: 'a', port: 65536, tls: false } }), state({ daemons: [null] }),
        state({ daemons: undefined }), state({ switches: [{}] }), state({ head: {} }), state({ hold: 1 }), state({ epoch: null }),
        state({ blocks: undefined }), state({ blocks: [null] }),
        state({ gateway: undefined }), state({ gateway: {} }), state({ gateway: { host: '127.0.0.1', port: 0 } }), state({ gateway: { port: 1 } })]
      for (const message of [...unreadable, { type: 'shareTrust' }, { type: 'another' }]) pool.command('send', { message })
      const after = await pool.status('pool1')
      assert.deepEqual([after.pid, after.daemon, after.asks], [before.pid, address(pool.config.daemon), before.asks])
      assert.equal(pool.log().filter(({ role, text }) => role === 'pool1' && /cannot be read/.test(text)).length, 1)
    }))

  test('a master that stops leaves its workers without its gateway, and not without templates', LIMIT, () =>
    withPool(PLAIN, async (pool, network, primary) => {
      await pool.miner()
      await pool.says('pool1', isMulti)
      pool.command('stopMaster')
      await pool.says('pool1', ({ asks }) => asks === primary.address)
      const before = failures(pool).length
      await pool.until(() => told(pool, 'pool1', 'this worker polls for itself'), 'it polls for itself')
      await servesTemplates(pool, primary)
      assert.equal(failures(pool).length, before)
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
      for (const role of ['pool1', 'master']) {
        const { daemon, asks } = await pool.status(role)
        assert.deepEqual([daemon, asks], [primary.address, primary.address])
      }
      assert.equal((await pool.status('pool1')).native, false)
    }))
})

describe('without a master that is attached', () => {
  test('workers judge for themselves, each with a gateway of its own, until it speaks', LIMIT, () =>
    withPool({ standin: { variant: 'plain', attach: 'workers' }, poolServer: { clusterForks: 2 } }, async (pool, network, primary, second) => {
      await pool.miner()
      const workers = [await pool.says('pool1', isMulti), await pool.says('pool2', isMulti)]
      for (const { native, asks, status } of workers) assert.deepEqual([native, asks], [true, address(status.gateway)])
      assert.notEqual(workers[0].asks, workers[1].asks)
      assert.equal((await pool.status('master')).attached, false)
      await primary.crash()
      await servesTemplates(pool, second)
      pool.command('attach')
      const { asks } = await pool.says('master', ({ attached, status }) => attached && status.mode === 'multi')
      for (const role of ['pool1', 'pool2']) {
        await pool.until(() => told(pool, role, 'following the master again'), 'it follows')
        await pool.says(role, it => it.daemon === second.address && it.asks === asks)
      }
      assert.deepEqual(failures(pool), [])
    }))

  test('an environment that cannot be read is ignored, and mentioned', LIMIT, () =>
    withPool({ standin: { variant: 'plain', attach: 'workers' } }, async pool => {
      await pool.miner()
      assert.equal(pool.log().filter(({ role, text }) => role === 'pool1' && /environment cannot be read/.test(text)).length, 1)
      await pool.says('pool1', isMulti)
    }, { environment: { MULTI_DAEMON_STATE: '{"source":"1","status":{"daemons":[]}}' } }))
})

describe('with "gateway": false the pool asks the daemon in use by itself', () => {
  const NONE = { ...PLAIN, multiDaemon: { gateway: false } }

  test('also after a switch, and in a worker that takes a dead one\'s place', LIMIT, () =>
    withPool(NONE, async (pool, network, primary, second) => {
      await pool.miner()
      const { asks, status } = await pool.says('pool1', isMulti)
      assert.deepEqual([asks, status.gateway], [primary.address, null])
      await primary.crash()
      await pool.says('pool1', it => it.asks === second.address)
      await servesTemplates(pool, second)
      const asked = templatesOf(primary)
      const { next } = await replaceWorker(pool)
      assert.deepEqual([next.of, next.error], [second.address, null])
      network.mine()
      await pool.until(() => pool.all('template', { pid: next.pid }).some(({ height }) => height === network.tip.height + 1), 'a template on the new block')
      assert.deepEqual([templatesOf(primary), pool.log().filter(({ text }) => text.includes('gateway'))], [asked, []])
    }))

  test('also while the master is blocked', LIMIT, () =>
    withPool(NONE, async (pool, network, primary, second) => {
      await pool.miner()
      await pool.says('pool1', isMulti)
      const unblock = pool.block()
      await pool.until(() => told(pool, 'pool1', 'the master is silent'), 'the worker misses its master')
      await primary.crash()
      await servesTemplates(pool, second)
      assert.equal(pool.all('refresh').pop().of, second.address)
      assert.equal(pool.all('unblocked').length, 0)
      unblock()
      await pool.says('pool1', it => it.asks === second.address)
    }))
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
          const { attached, native, asks } = await pool.status(role)
          assert.deepEqual({ attached, native, asks }, { attached: false, native: false, asks: primary.address })
        }
        assert.deepEqual(primary.counts(), { getblocktemplate: templatesOf(primary) })
        assert.deepEqual(others.map(daemon => daemon.count()), [0, 0, 0])
        assert.equal(pool.log().length, 0)
      }))
  }
})
