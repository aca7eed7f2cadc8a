'use strict'

// How watching begins and ends: in processes, threads and clusters, with and without stop().

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { sleep, until } = require('../sim')
const { Child, inChild } = require('./support/child')
const { HANGING, LIMIT, configOf, onNetwork } = require('./support/pool')

const CLEAN = { code: 0, signal: null }
const onLinux = process.platform === 'linux' ? LIMIT : { ...LIMIT, skip: 'threads and memory are read from /proc' }
const onPosix = process.platform === 'win32' ? { ...LIMIT, skip: 'there is no SIGSTOP' } : LIMIT
const CLOCKED = { pollingInterval: 50 }

const ending = ({ code, signal, stderr }) => {
  assert.equal(stderr, '')
  return { code, signal }
}

describe('watching', { concurrency: 4 }, () => {
  test('instances live side by side, and stopping one leaves the others', LIMIT, onNetwork(5, async (network, P, A, ...others) => {
    const pools = [[P, A, ...others], [A, P, ...others], others].map(daemons => new MultiDaemon(configOf(daemons)))
    const ready = await Promise.all(pools.map(({ ready }) => ready))
    assert.deepEqual(ready.map(({ healthy, mode }) => [healthy, mode]), [[5, 'multi'], [5, 'multi'], [3, 'multi']])
    await pools[0].stop()
    await P.crash()
    const [stopped, second, third] = await Promise.all(pools.map(pool => pool.refresh()))
    assert.deepEqual([stopped.healthy, second.healthy, third.healthy], [5, 4, 3])
    assert.deepEqual(pools.map(pool => pool.getDaemon().port), [P.port, A.port, others[0].port])
    await Promise.all(pools.map(pool => pool.stop()))
  }))

  test('instances add two threads at most, however many there are', onLinux, onNetwork(4, async network => {
    const { report, code } = await inChild(async (report, config) => {
      const threads = () => Number(/Threads:\s+(\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1])
      // All of Node's own threads are there once something has used its pool.
      await Promise.all(Array.from({ length: 8 }, () => require('fs').promises.stat('.')))
      const before = threads()
      const { MultiDaemon } = require('.')
      const pools = Array.from({ length: 10 }, () => new MultiDaemon(config))
      await Promise.all(pools.map(pool => pool.ready))
      await Promise.all(pools.map(pool => pool.refresh()))
      report(threads() - before)
    }, { args: [configOf(network.daemons)] })
    assert.equal(code, 0)
    assert.ok(report >= 1 && report <= 2, `${report} threads`)
  }))

  test('instances come and go a hundred times without a thread or a connection more', onLinux, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const { MultiDaemon } = require('.')
      const status = name => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1])
      const cycle = async () => {
        const pool = new MultiDaemon(config)
        await pool.ready
        await pool.stop()
      }
      for (let times = 0; times < 10; times++) await cycle()
      const before = { threads: status('Threads'), memory: status('VmRSS') }
      for (let times = 0; times < 100; times++) await cycle()
      report({ threads: status('Threads') - before.threads, memory: status('VmRSS') - before.memory })
      process.stdin.once('data', () => process.exit())
    }, { args: [configOf(daemons)] })
    try {
      const { threads, memory } = await child.next()
      assert.ok(threads <= 0, `${threads} threads more`)
      assert.ok(memory < 30 * 1024, `${memory} kB more`)
      await until(() => daemons.every(({ connections }) => connections === 0), { what: 'no connection is left' })
      assert.ok(daemons.every(({ accepted }) => accepted === 110))
    } finally {
      child.kill()
    }
  }))

  test('instances that are collected without stop() end their polling', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const { MultiDaemon } = require('.')
      const make = async () => {
        const pool = new MultiDaemon(config)
        pool.on('switch', () => pool.getStatus())
        await pool.ready
        await pool.refresh()
      }
      for (let times = 0; times < 3; times++) await make()
      report('left alone')
      setInterval(() => gc(), 20)
    }, { args: [configOf(daemons, CLOCKED)], flags: ['--expose-gc'] })
    try {
      await child.next()
      await until(() => daemons.every(({ connections }) => connections === 0), { what: 'no connection is left', timeout: 30000 })
      assert.ok(daemons.every(({ accepted }) => accepted === 3))
    } finally {
      child.kill()
    }
  }))

  test('instances that somebody still holds are not collected', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      await pool.ready
      for (let times = 0; times < 10; times++) gc()
      report((await pool.refresh()).polls > 4)
      process.stdin.once('data', () => process.exit(pool.getStatus().healthy))
    }, { args: [configOf(daemons, CLOCKED)], flags: ['--expose-gc'] })
    try {
      assert.equal(await child.next(), true)
      await daemons[0].seen('/info', { times: 3 })
      child.proceed()
      assert.equal((await child.ended).code, 4)
    } finally {
      child.kill()
    }
  }))

  test('a process ends by itself without stop()', LIMIT, onNetwork(4, async network => {
    const { report, ...end } = await inChild(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      report((await pool.ready).healthy)
    }, { args: [configOf(network.daemons, CLOCKED)] })
    assert.equal(report, 4)
    assert.deepEqual(ending(end), CLEAN)
  }))

  test('a process ends by itself when nobody waits for anything', LIMIT, onNetwork(4, async network => {
    for (const daemon of network.daemons) daemon.hang()
    const end = await inChild((report, config) => {
      report(new (require('.').MultiDaemon)(config).getDaemon())
    }, { args: [configOf(network.daemons)] })
    assert.deepEqual(ending(end), CLEAN)
  }))

  test('a process lives until the first round has ended while somebody waits for it', LIMIT, onNetwork(4, async network => {
    for (const daemon of network.daemons) daemon.hang()
    const { report } = await inChild((report, config) => {
      new (require('.').MultiDaemon)(config).ready.then(({ healthy }) => report({ healthy }))
    }, { args: [configOf(network.daemons, HANGING)] })
    assert.deepEqual(report, { healthy: 0 })
  }))

  test('a process ends by itself after stop()', LIMIT, onNetwork(4, async network => {
    const end = await inChild(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      pool.ready.then(() => {})
      pool.refresh()
      await pool.stop()
      report('stopped')
    }, { args: [configOf(network.daemons)] })
    assert.deepEqual(ending(end), CLEAN)
  }))

  test('a process that stood still longer than views stay fresh finds all as it was', onPosix, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      await pool.ready
      const changes = []
      for (const name of ['switch', 'mode', 'hold', 'daemon']) pool.on(name, () => changes.push(name))
      report('ready')
      process.stdin.once('data', async () => {
        await pool.refresh()
        report(changes)
        process.exit()
      })
    }, { args: [configOf(daemons, { ...CLOCKED, timeout: 500 })] })
    try {
      await child.next()
      child.process.kill('SIGSTOP')
      // Views are fresh for an interval, two time limits and a second.
      await sleep(2500)
      network.mine(6)
      child.process.kill('SIGCONT')
      child.proceed()
      assert.deepEqual(await child.next(), [])
    } finally {
      child.kill()
    }
  }))

  test('a process may exit in the middle of a poll', LIMIT, onNetwork(4, async network => {
    for (const daemon of network.daemons) daemon.hang()
    const polled = Promise.all(network.daemons.map(daemon => daemon.seen('/info', { timeout: 30000 })))
    const child = new Child((report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      pool.ready.then(() => report('never'))
      process.stdin.once('data', () => process.exit(7))
    }, { args: [configOf(network.daemons)] })
    try {
      await polled
      child.proceed()
      assert.deepEqual(ending(await child.ended), { code: 7, signal: null })
    } finally {
      child.kill()
    }
  }))

  test('a process ends at once on SIGTERM', onPosix, onNetwork(4, async network => {
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      await pool.ready
      setInterval(() => {}, 1000)
      report('ready')
    }, { args: [configOf(network.daemons, CLOCKED)] })
    try {
      await child.next()
      child.process.kill('SIGTERM')
      assert.deepEqual(ending(await child.ended), { code: null, signal: 'SIGTERM' })
    } finally {
      child.kill()
    }
  }))

  test('worker threads watch, and are terminated in the middle of a poll', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const { Worker } = require('worker_threads')
      const { once } = require('events')
      const code = `
        const { parentPort, workerData } = require('worker_threads')
        const pool = new (require(${JSON.stringify(process.cwd())}).MultiDaemon)(workerData)
        pool.ready.then(status => parentPort.postMessage(status.healthy))
        setInterval(() => {}, 1000)`
      const own = new (require('.').MultiDaemon)(config)
      for (let round = 0; round < 3; round++) {
        const workers = [1, 2].map(() => new Worker(code, { eval: true, workerData: config }))
        report(await Promise.all(workers.map(async worker => (await once(worker, 'message'))[0])))
        await Promise.all(workers.map(worker => worker.terminate()))
      }
      report((await own.refresh()).healthy)
      await own.stop()
    }, { args: [configOf(daemons, { pollingInterval: 10 })] })
    try {
      for (let round = 0; round < 3; round++) assert.deepEqual(await child.next(), [4, 4])
      assert.equal(await child.next(), 4)
      assert.deepEqual(ending(await child.ended), CLEAN)
      await until(() => daemons.every(({ connections }) => connections === 0), { what: 'no connection is left' })
    } finally {
      child.kill()
    }
  }))

  test('a worker thread that ends by itself leaves no polling', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const child = new Child(async (report, config) => {
      const { Worker } = require('worker_threads')
      const code = `
        const { parentPort, workerData } = require('worker_threads')
        const pool = new (require(${JSON.stringify(process.cwd())}).MultiDaemon)(workerData)
        pool.ready.then(status => parentPort.postMessage(status.healthy))`
      const worker = new Worker(code, { eval: true, workerData: config })
      worker.on('message', report)
      worker.on('exit', report)
      process.stdin.once('data', () => process.exit())
    }, { args: [configOf(daemons, CLOCKED)] })
    try {
      assert.deepEqual([await child.next(), await child.next()], [4, 0])
      await until(() => daemons.every(({ connections }) => connections === 0), { what: 'no connection is left' })
    } finally {
      child.kill()
    }
  }))

  test('cluster workers and their master watch alike', LIMIT, onNetwork(4, async (network, P, A) => {
    await P.crash()
    const { report, ...end } = await inChild(async (report, config) => {
      const cluster = require('cluster')
      const path = require('path')
      const { once } = require('events')
      const exec = path.resolve('__test__/support/cluster-worker.js')
      cluster.setupPrimary({ exec, args: [JSON.stringify(config)], execArgv: [] })
      const own = new (require('.').MultiDaemon)(config)
      const workers = [1, 2].map(() => cluster.fork())
      const ports = await Promise.all(workers.map(async worker => (await once(worker, 'message'))[0].port))
      await own.ready
      report([own.getDaemon().port, ...ports])
      for (const worker of workers) {
        worker.disconnect()
        const [code, signal] = await once(worker, 'exit')
        if (code !== 0 || signal) process.exit(1)
      }
    }, { args: [configOf(network.daemons, CLOCKED)] })
    assert.deepEqual(report, [A.port, A.port, A.port])
    assert.deepEqual(ending(end), CLEAN)
  }))
})
