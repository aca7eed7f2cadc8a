'use strict'

// The Grafana dashboard and the alert rules name nothing that a pool does not tell.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { metricsIn, ofAlerts, ofDashboard } = require('./support/expressions')
const { LIMIT, onPool } = require('./support/pool')

/** Nobody listens there; nothing is posted in this test. */
const WEBHOOK = 'http://127.0.0.1:9/'

test('every expression names only metrics, labels and values that metrics() gives', LIMIT, onPool(4, { webhook: WEBHOOK }, async (pool, P, A) => {
  await A.crash()
  await pool.rounds(2)
  const text = pool.multiDaemon.metrics()
  const names = new Set(text.match(/^multidaemon_\w+/gm))
  const expressions = [...ofDashboard(), ...ofAlerts()]
  assert.ok(expressions.length > 20)
  for (const { place, expression } of expressions) {
    const named = metricsIn(expression)
    assert.ok(named.length > 0, place)
    assert.deepEqual(named.filter(name => !names.has(name)), [], place)
    for (const [pair, label, value] of expression.matchAll(/(\w+)="([^"$]+)"/g)) {
      // A reason that no daemon has now is no value of its metric.
      assert.ok(text.includes(pair) || (label === 'reason' && value === 'outdated'), `${place}: ${pair}`)
    }
    for (const [, label] of expression.matchAll(/(?:by|without|ignoring) \(([\w, ]+)\)/g)) {
      for (const each of label.split(', ')) assert.match(text, new RegExp(`[{,]${each}="`), `${place}: ${each}`)
    }
  }
}))
