'use strict'

// The pool's config file changes while the pool runs.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const { attach, current } = require('..')
const WatchedFile = require('../lib/attach/watched-file')
const { until } = require('../sim')
const { withPool } = require('./standin/with-pool')

const LIMIT = { timeout: 120000 }
const WATCHED = { standin: { watch: true } }
const isMulti = ({ status }) => status.mode === 'multi'
const watches = (...daemons) => ({ status }) => String(status.daemons.map(({ port }) => port)) === String(daemons.map(({ port }) => port))

/** The pool's configuration with other daemons besides its own. */
const withOthers = (pool, ...daemons) =>
  ({ ...pool.config, multiDaemon: { ...pool.config.multiDaemon, daemons: daemons.map(({ host, port }) => ({ host, port })) } })

/** What was said of the file. */
const complaints = pool => pool.log().filter(({ text }) => text.startsWith(pool.file)).map(({ role, severity, text }) => `${role} ${severity}:${text.slice(pool.file.length)}`)
const replacements = pool => pool.log().filter(({ text }) => text === 'the configuration was replaced').length
const hears = (pool, text) => pool.until(() => complaints(pool).find(line => line.includes(text)), `the log says: ${text}`)

describe('a config file that is watched', { concurrency: 2 }, () => {
  test('counts when another one takes its place, and when it is written in place', LIMIT, () => withPool(WATCHED, async (pool, network, P, A, B, C) => {
    await pool.says('pool1', isMulti)
    pool.replace(withOthers(pool, C, A))
    await pool.says('pool1', watches(P, C, A))
    pool.configure(withOthers(pool, A, B, C))
    await pool.says('pool1', watches(P, A, B, C))
    pool.replace(withOthers(pool, B))
    await pool.says('pool1', watches(P, B))
    await pool.until(() => replacements(pool) === 3, 'the log says so three times')
    assert.deepEqual(complaints(pool), [])
  }))

  test('is left aside as a whole when it is bad, which is mentioned once', LIMIT, () => withPool(WATCHED, async (pool, network, P, A, B, C) => {
    await pool.says('pool1', isMulti)
    const { config } = pool
    const text = JSON.stringify(withOthers(pool, A, C), null, 2)
    const bad = withOthers(pool, A, C)
    bad.multiDaemon.timeout = 'soon'
    bad.multiDaemon.minHealthy = -1
    pool.configure(bad)
    await hears(pool, 'timeout')
    pool.replace(bad)
    pool.configure(text.slice(0, text.length / 2))
    await hears(pool, 'it is not JSON')
    pool.configure('')
    pool.configure('[]')
    await hears(pool, 'daemon')
    pool.configure('7')
    await hears(pool, 'it is not a JSON object')
    assert.ok(watches(P, A, B, C)(await pool.status('pool1')))
    pool.configure(text)
    await hears(pool, 'can be used again')
    await pool.says('pool1', watches(P, A, C))
    const [first, ...others] = complaints(pool)
    assert.match(first, /^master error: is ignored: multiDaemon.timeout: "soon" .*; multiDaemon.minHealthy: -1 /)
    assert.equal(others.filter(line => line.includes('timeout')).length, 0)
    assert.equal(others.pop(), 'master info: can be used again')
    pool.configure(config)
    await pool.says('pool1', watches(P, A, B, C))
  }))

  test('may be gone for a while', LIMIT, () => withPool(WATCHED, async (pool, network, P, A, B, C) => {
    await pool.says('pool1', isMulti)
    fs.unlinkSync(pool.file)
    await hears(pool, 'the file does not exist')
    assert.ok(watches(P, A, B, C)(await pool.status('pool1')))
    pool.replace(pool.config)
    await hears(pool, 'can be used again')
    pool.replace(withOthers(pool, C))
    await pool.says('pool1', watches(P, C))
    assert.deepEqual(complaints(pool), ['master error: is ignored: cannot be read: the file does not exist', 'master info: can be used again'])
  }))

  test('switches off and on', LIMIT, () => withPool(WATCHED, async (pool, network, P, A, B, C) => {
    await pool.says('pool1', isMulti)
    const { multiDaemon, ...rest } = pool.config
    pool.replace(rest)
    await pool.says('pool1', ({ status }) => !status.enabled)
    pool.replace(pool.config)
    await pool.says('pool1', isMulti)
  }))

  test('changes nothing where it says the same of the daemons', LIMIT, () => withPool(WATCHED, async (pool, network, P, A, B, C) => {
    await pool.says('pool1', isMulti)
    pool.replace({ another: 'member', ...pool.config })
    pool.replace({ ...pool.config, poolServer: {} })
    pool.configure(withOthers(pool, A))
    await pool.says('pool1', watches(P, A))
    await pool.until(() => replacements(pool) > 0, 'the log says so')
    assert.equal(replacements(pool), 1)
  }))

})

test('after stop() nobody looks at the file', LIMIT, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-watch-'))
  const file = path.join(folder, 'config.json')
  fs.writeFileSync(file, '{}')
  const looks = { stopped: 0, watching: 0 }
  try {
    const [stopped, watching] = ['stopped', 'watching'].map(name =>
      Object.assign(new WatchedFile(file, null, () => {}), { look: () => looks[name]++ }))
    stopped.stop()
    // Whoever looks at one file is told one after the other, in one turn. What it was at first is known only after a while.
    await until(() => fs.appendFileSync(file, ' ') || looks.watching > 0, { what: 'the one that watches looks', every: 100, timeout: 30000 })
    assert.equal(looks.stopped, 0)
    watching.stop()
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('what is to be watched has to be a path', () => {
  const config = { daemon: { host: '127.0.0.1', port: 9 }, multiDaemon: { enabled: true, daemons: [{ host: '127.0.0.1', port: 7 }] } }
  assert.throws(() => attach(config, { watch: 7 }), { code: 'ERR_MULTI_DAEMON_ARGUMENT', message: 'attach: options.watch is not the path of a file' })
  assert.equal(current(), null)
})
