'use strict'

// The alert rules and the dashboard, as Prometheus reads them.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { Folder } = require('../support/command-line')
const { FOLDER, ofAlerts, ofDashboard, withoutVariables } = require('../support/expressions')

const LIMIT = { timeout: 60000 }

function promtool (...args) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', timeout: 50000 })
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

test('the alert rules are valid', LIMIT, () => {
  assert.match(promtool('check', 'rules', path.join(FOLDER, 'alerts.yml')), new RegExp(`SUCCESS: ${ofAlerts().length} rules found`))
})

test('every alert fires when it has to, and not before', LIMIT, () => {
  const file = path.join(__dirname, 'alerts.test.yml')
  promtool('test', 'rules', file)
  const tested = fs.readFileSync(file, 'utf8').match(/(?<=alertname: )\w+/g)
  assert.deepEqual([...new Set(tested)].sort(), ofAlerts().map(({ place }) => place).sort())
})

test('every expression of the dashboard is valid', LIMIT, () => {
  const rules = ofDashboard().map(({ expression }, index) => ({ record: `rule_${index}`, expr: withoutVariables(expression) }))
  const folder = new Folder()
  // JSON is YAML.
  const file = folder.file('rules.yml', { groups: [{ name: 'dashboard', rules }] })
  try {
    assert.match(promtool('check', 'rules', file), new RegExp(`SUCCESS: ${rules.length} rules found`))
  } finally {
    folder.remove()
  }
})
