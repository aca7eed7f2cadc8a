'use strict'

// Workers of a cluster whose master is not the pool's, as in pm2's cluster mode.

const assert = require('node:assert/strict')
const path = require('node:path')
const { describe, test } = require('node:test')
const { inChild } = require('./support/child')
const { LIMIT, configOf, onNetwork } = require('./support/pool')
const { freePorts } = require('./support/ports')

/** What a worker tells of itself under a master that knows nothing of pools. */
async function under (config, { environment = {}, watch = [] } = {}) {
  const { report, stderr, code } = await inChild((report, config, environment, watch) => {
    const cluster = require('cluster')
    cluster.setupPrimary({ exec: require('path').resolve('__test__/support/stranger-worker.js'), args: [JSON.stringify(config), ...watch], execArgv: [] })
    cluster.fork(environment)
  }, { args: [config, environment, watch] })
  assert.equal(code, 0, stderr)
  return report
}

/** Everything that there can be but one of. */
const wantsAll = async network => {
  const [port] = await freePorts(1)
  return configOf(network.daemons, { pollingInterval: 100, status: { port }, webhook: 'http://127.0.0.1:9/' })
}
const FILE = [path.join(__dirname, 'no-such-config.json')]
const RECONFIGURE = {
  code: 'ERR_MULTI_DAEMON_WORKER',
  message: 'reconfigure: in a cluster worker without a master the configuration cannot be replaced; restart the worker'
}
const left = why => `warn ${why}, so there is no status page, no webhook, no watching of the config file: these need a process that decides for all, and ` +
  'this worker decides for itself (in pm2\'s cluster mode no process decides for all; in its fork mode one does)'

describe('a worker without a master that watches', { concurrency: 2 }, () => {
  test('decides for itself, and says once what is left out and why', LIMIT, onNetwork(4, async (network, P) => {
    const { lines, ...seen } = await under(await wantsAll(network), { watch: FILE })
    assert.deepEqual(seen, { mode: 'multi', webhook: null, page: null, daemons: 4, port: P.port, reconfigure: RECONFIGURE })
    assert.deepEqual(lines.filter(line => line.includes('there is no')), [left('this worker got no message from a master')])
  }))

  test('says the same where another pool\'s master has left its state in the environment', LIMIT, onNetwork(4, async (network, P, A) => {
    const place = ({ host, port }) => ({ host, port, tls: false })
    const status = { enabled: true, mode: 'multi', quorum: true, hold: false, epoch: 1, current: place(A), primary: place(P), gateway: null, daemons: [] }
    const environment = { MULTI_DAEMON_STATE: JSON.stringify({ source: '1-1-1', interval: 50, status }) }
    const { lines, ...seen } = await under(await wantsAll(network), { environment, watch: FILE })
    assert.deepEqual([seen.page, seen.webhook, seen.reconfigure], [null, null, RECONFIGURE])
    assert.deepEqual(lines.filter(line => line.includes('there is no')), [left('the master is silent')])
  }))

  test('has nothing to say where nothing is left out', LIMIT, onNetwork(4, async network => {
    const { lines, mode } = await under(configOf(network.daemons, { pollingInterval: 100 }))
    assert.deepEqual([mode, lines.filter(line => line.includes('there is no'))], ['multi', []])
  }))

  test('says where too few are healthy from the beginning', LIMIT, onNetwork(4, async (network, P, A, B) => {
    await Promise.all([A, B].map(daemon => daemon.crash()))
    const { lines, mode } = await under(configOf(network.daemons, { pollingInterval: 100 }))
    assert.equal(mode, 'single')
    assert.deepEqual(lines.filter(line => line.includes('mode')), [`error mode single: 2 of 4 daemons healthy, too few to compare; using 127.0.0.1:${P.port}`])
  }))

  test('uses its primary where the configuration has a mistake, and says that once, however often it tries', LIMIT, onNetwork(4, async (network, P) => {
    const { lines, ...seen } = await under(configOf(network.daemons, { pollingInterval: 20, timeout: 'x' }))
    assert.deepEqual(seen, { mode: 'single', webhook: null, page: null, daemons: 0, port: P.port, reconfigure: RECONFIGURE })
    assert.equal(lines.length, 1)
    assert.match(lines[0], /^error this worker got no message from a master, and this worker cannot poll for itself, so it uses the primary of its configuration: multiDaemon\.timeout: "x" is/)
  }))
})
