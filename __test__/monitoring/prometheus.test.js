'use strict'

// A real Prometheus scrapes a running instance, and its rules see what happens to it.

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')
const { SimNetwork } = require('../../sim')
const { CommandLine, Folder } = require('../support/command-line')
const { FOLDER, ofDashboard, withoutVariables } = require('../support/expressions')
const { Prometheus } = require('../support/prometheus')
const { until } = require('../support/until')

const LIMIT = { timeout: 180000 }
/** Seconds between two blocks, as the pool is told; ten of them are the age that is alerted. */
const BLOCK_TARGET = 0.5

test('a head that no longer moves is an alert, and every panel shows something', LIMIT, async () => {
  const network = await SimNetwork.start(4, { height: 50 })
  const folder = new Folder()
  network.startMining(100)
  const [daemon, ...daemons] = network.daemons.map(({ host, port }) => ({ host, port }))
  const file = folder.file('config.json', { daemon, coinDifficultyTarget: BLOCK_TARGET, multiDaemon: { enabled: true, daemons, pollingInterval: 200 } })
  const serve = new CommandLine(['serve', '--port', '0', '--config', file])
  let prometheus
  try {
    await serve.shows(/status page at/)
    const [, target] = /http:\/\/(\S+)\//.exec(serve.stdout)
    prometheus = await Prometheus.start({ target, rules: path.join(FOLDER, 'alerts.yml') })
    const value = async expression => (await prometheus.get(`query?query=${encodeURIComponent(expression)}`)).result
    const alerts = async () => (await prometheus.get('alerts')).alerts
    const isOld = ({ labels, state }) => labels.alertname === 'MultiDaemonHeadOld' && state === 'firing'

    await until('the mode in Prometheus', () => value('multidaemon_mode{mode="multi"}'), ([sample]) => sample && sample.value[1] === '1')
    await until('no alert while blocks come', alerts, list => !list.some(isOld))
    network.stopMining()
    const list = await until('the alert', alerts, list => list.some(isOld))
    const { labels, value: age } = list.find(isOld)
    assert.deepEqual({ ...labels }, { alertname: 'MultiDaemonHeadOld', instance: target, job: 'pool', severity: 'critical' })
    assert.ok(Number(age) > 10 * BLOCK_TARGET, age)

    // What shows nothing while all is well.
    const empty = ['Switches an hour, by reason', 'Why daemons are not healthy, now', 'Switches']
    for (const { place, expression } of ofDashboard().filter(({ place }) => !empty.includes(place))) {
      const seen = await until(`samples of "${place}"`, () => value(withoutVariables(expression)), samples => samples.length > 0)
      assert.ok(seen.every(({ value: [, number] }) => number !== 'NaN'), place)
    }
  } finally {
    if (prometheus) await prometheus.remove()
    serve.end()
    await serve.ended
    await network.close()
    folder.remove()
  }
})
