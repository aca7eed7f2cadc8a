'use strict'

// A pool with very many miners may have no file descriptor left for a while. Nothing may throw for that past those who are there to hear of it.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { until } = require('../sim')
const { Child, inChild } = require('./support/child')
const { LIMIT, configOf, onNetwork } = require('./support/pool')
const { freePorts } = require('./support/ports')

const onPosix = process.platform === 'win32' ? { ...LIMIT, skip: 'there is no such limit' } : LIMIT
/** Few enough that they are used up at once; a process that watches has about half of them. */
const FILES = 64

test('what is asked for the first time then is answered, or told to the callback', onPosix, onNetwork(4, async network => {
  const [port] = await freePorts(1)
  const { report, code, stderr } = await inChild(async (report, config, port) => {
    const fs = require('fs')
    const { attach } = require('.')
    const multiDaemon = attach(config, { log () {} })
    await multiDaemon.ready
    const held = []
    const full = () => { try { for (;;) held.push(fs.openSync('/dev/null')) } catch ({ code }) { return code } }
    const seen = { full: full() }
    const attempt = (name, act) => { try { seen[name] = act() } catch (error) { seen[name] = `thrown: ${error.message}` } }
    attempt('metrics', () => multiDaemon.metrics().includes('multidaemon_enabled 1'))
    attempt('status', () => multiDaemon.getStatus().enabled)
    const called = new Promise(resolve => attempt('rpc', () => multiDaemon.rpc('getblockcount', {}, error => resolve(error && error.code))))
    attempt('drain', () => multiDaemon.drain(config.multiDaemon.daemons[0].host, config.multiDaemon.daemons[0].port))
    const block = Object.assign({}, config.multiDaemon, { status: { port }, webhook: 'http://127.0.0.1:9/' })
    attempt('reconfigure', () => multiDaemon.reconfigure(Object.assign({}, config, { multiDaemon: block })))
    attempt('off', () => multiDaemon.reconfigure(Object.assign({}, config, { multiDaemon: { enabled: false } })))
    seen.called = await called
    held.forEach(fd => fs.closeSync(fd))
    report(seen)
    process.exit()
  }, { args: [configOf(network.daemons), port], files: FILES })
  assert.deepEqual(report, { full: 'EMFILE', metrics: true, status: true, called: 'ERR_MULTI_DAEMON_RPC_CONNECTION' }, stderr)
  assert.equal(code, 0, stderr)
}))

test('a config file that was written then counts as soon as it can be read', onPosix, onNetwork(4, async network => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-descriptors-'))
  const file = path.join(folder, 'config.json')
  const config = configOf(network.daemons)
  const text = JSON.stringify(config)
  fs.writeFileSync(file, text)
  const child = new Child(async (report, config, file) => {
    const fs = require('fs')
    const held = []
    const log = (severity, system, text, [line]) => {
      if (line.includes('EMFILE')) held.splice(0).forEach(fd => fs.closeSync(fd))
      if (line.includes('config.json') || line.includes('replaced')) report(line.replace(/^.*?config.json/, 'config.json'))
    }
    const multiDaemon = require('.').attach(config, { log, watch: file })
    await multiDaemon.ready
    report('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    const writable = fs.openSync(file, 'r+')
    try { for (;;) held.push(fs.openSync('/dev/null')) } catch (error) {}
    fs.ftruncateSync(writable)
    config.multiDaemon.daemons.pop()
    fs.writeSync(writable, JSON.stringify({ daemon: config.multiDaemon.daemons[0], multiDaemon: config.multiDaemon }), 0)
  }, { args: [config, file], files: FILES })
  try {
    assert.equal(await child.next(), 'ready')
    // What they give back, nothing takes: there is one poll.
    await until(() => network.daemons.every(({ connections }) => connections === 0), { timeout: 30000, what: 'the polls have let go of their connections' })
    child.proceed()
    assert.match(await child.next(), /^config\.json is ignored: cannot be read: EMFILE/)
    const lines = [await child.next(), await child.next()].sort()
    assert.deepEqual(lines, ['config.json can be used again', 'the configuration was replaced'])
  } finally {
    child.kill()
    await child.ended
    fs.rmSync(folder, { recursive: true })
  }
}))

test('daemons are polled then, though polls keep no connection', onPosix, onNetwork(4, async network => {
  const child = new Child(async (report, config) => {
    const fs = require('fs')
    const multiDaemon = require('.').attach(config, { log () {} })
    await multiDaemon.ready
    report('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    const held = []
    const full = () => { try { for (;;) held.push(fs.openSync('/dev/null')) } catch ({ code }) { return code } }
    const seen = [full()]
    for (let polls = 0; polls < 3; polls++) seen.push((await multiDaemon.refresh()).daemons.map(({ state }) => state).join())
    held.forEach(fd => fs.closeSync(fd))
    report(seen)
    process.stdin.once('data', () => process.exit())
  }, { args: [configOf(network.daemons)], files: FILES })
  try {
    assert.equal(await child.next(), 'ready')
    await until(() => network.daemons.every(({ connections }) => connections === 0), { timeout: 30000, what: 'the polls have let go of their connections' })
    child.proceed()
    const healthy = 'healthy,healthy,healthy,healthy'
    assert.deepEqual(await child.next(), ['EMFILE', healthy, healthy, healthy])
  } finally {
    child.kill()
    await child.ended
  }
}))
