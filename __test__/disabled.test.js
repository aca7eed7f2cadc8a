'use strict'

// A pool that does not use the feature must not notice that it is there.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { inChild } = require('./support/child')
const { differences } = require('./support/declared')
const { EVENTS, LIMIT, configOf, onNetwork } = require('./support/pool')

const primary = { host: '127.0.0.1', port: 11898 }
const block = { daemons: [{ host: '127.0.0.1', port: 11899 }] }
const DISABLED = {
  'without the block': { daemon: primary },
  'with enabled false': { daemon: primary, multiDaemon: { ...block, enabled: false } },
  'without enabled': { daemon: primary, multiDaemon: block },
  'with the misspelt block not enabled': { daemon: primary, mutliDaemon: { ...block, enabled: false } }
}

for (const [what, config] of Object.entries(DISABLED)) {
  describe(what, () => {
    test('the primary is always the answer', async () => {
      const multiDaemon = new MultiDaemon(config)
      const daemon = multiDaemon.getDaemon()
      assert.deepEqual(daemon, { ...primary, tls: false })
      assert.ok(Object.isFrozen(daemon))
      await multiDaemon.refresh()
      await multiDaemon.stop()
      assert.equal(multiDaemon.getDaemon(), daemon)
    })

    test('the status has its shape and says so', async () => {
      const multiDaemon = new MultiDaemon(config)
      const status = multiDaemon.getStatus()
      assert.deepEqual(differences(status, 'Status'), [])
      const { epoch, ...rest } = status
      const current = multiDaemon.getDaemon()
      assert.deepEqual(rest, {
        enabled: false,
        mode: 'single',
        quorum: false,
        hold: false,
        current,
        primary: current,
        pin: null,
        head: null,
        healthy: 0,
        daemons: [],
        switches: [],
        polls: 0,
        warnings: [],
        blocks: [],
        gateway: null,
        requests: { answered: 0, rescued: 0, held: 0, failed: 0, abandoned: 0, hedges: 0 }
      })
      for (const answer of [await multiDaemon.ready, await multiDaemon.refresh()]) assert.deepEqual(answer, status)
    })

    test('no native code is loaded, nothing listens, no timer runs and no thread is there', LIMIT, async () => {
      const { report, code, stderr } = await inChild(async (report, config, events) => {
        const fs = require('fs')
        const threads = () => fs.existsSync('/proc/self/task') ? fs.readdirSync('/proc/self/task').length : 0
        const listeners = () => ['exit', 'uncaughtException', 'unhandledRejection', 'SIGTERM', 'warning', 'message'].map(name => process.listenerCount(name))
        const before = JSON.stringify([threads(), listeners(), process.getActiveResourcesInfo().filter(kind => kind === 'Timeout')])
        const multiDaemon = new (require('.').MultiDaemon)(config)
        await multiDaemon.ready
        await multiDaemon.refresh()
        const after = JSON.stringify([threads(), listeners(), process.getActiveResourcesInfo().filter(kind => kind === 'Timeout')])
        report({
          cached: Object.keys(require.cache).filter(file => file.endsWith('.node')),
          mapped: process.report.getReport().sharedObjects.filter(file => file.endsWith('.node')),
          unchanged: before === after,
          own: events.reduce((sum, name) => sum + multiDaemon.listenerCount(name), 0)
        })
      }, { args: [config, EVENTS] })
      assert.deepEqual({ report, code, stderr }, { report: { cached: [], mapped: [], unchanged: true, own: 0 }, code: 0, stderr: '' })
    })
  })
}

test('the same look finds native code once the feature is on', LIMIT, onNetwork(4, async network => {
  const { report } = await inChild(async (report, config) => {
    const multiDaemon = new (require('.').MultiDaemon)(config)
    await multiDaemon.ready
    report({
      cached: Object.keys(require.cache).filter(file => file.endsWith('.node')).length,
      mapped: process.report.getReport().sharedObjects.filter(file => file.endsWith('.node')).length
    })
  }, { args: [configOf(network.daemons)] })
  assert.deepEqual(report, { cached: 1, mapped: 1 })
}))

test('a primary on port 443 is spoken to over https', () => {
  assert.equal(new MultiDaemon({ daemon: { host: 'node.example', port: 443 } }).getDaemon().tls, true)
})

test('a configuration without a primary is a mistake', () => {
  for (const config of [{}, undefined, null, { daemon: 'x' }]) {
    assert.throws(() => new MultiDaemon(config), { name: 'TypeError', code: 'ERR_MULTI_DAEMON_CONFIG' })
  }
})
