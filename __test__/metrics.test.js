'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { MultiDaemon } = require('..')
const { SWITCH_CODES } = require('../lib/reasons')
const metrics = require('../lib/status/metrics')
const { LIMIT, onPool } = require('./support/pool')

/** The samples of Prometheus text by name and labels, as they are written. */
function samplesOf (text) {
  const lines = text.split('\n').filter(line => line && !line.startsWith('#'))
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

test('metrics tell the pool, every daemon and how polls went', LIMIT, onPool(4, {}, async (pool, P) => {
  await pool.rounds()
  const samples = samplesOf(pool.multiDaemon.metrics())
  const daemon = `daemon="${P.address}"`
  const expected = {
    'multidaemon_mode{mode="multi"}': 1,
    'multidaemon_mode{mode="single"}': 0,
    multidaemon_quorum: 1,
    multidaemon_hold: 0,
    multidaemon_daemons: 4,
    multidaemon_healthy_daemons: 4,
    multidaemon_min_healthy_daemons: 3,
    multidaemon_head_height: 50,
    multidaemon_block_target_seconds: 30,
    multidaemon_votes: 4,
    multidaemon_branch_votes: 4,
    'multidaemon_switches_total{reason="refused"}': 0,
    [`multidaemon_polls_total{${daemon},outcome="answered"}`]: 2,
    [`multidaemon_poll_duration_seconds_bucket{${daemon},le="+Inf"}`]: 2,
    [`multidaemon_poll_duration_seconds_count{${daemon}}`]: 2,
    [`multidaemon_daemon_in_use{${daemon}}`]: 1,
    [`multidaemon_daemon_state{${daemon},state="healthy"}`]: 1,
    [`multidaemon_daemon_state{${daemon},state="unresponsive"}`]: 0,
    [`multidaemon_daemon_height{${daemon}}`]: 50,
    [`multidaemon_daemon_lag_blocks{${daemon}}`]: 0,
    [`multidaemon_daemon_connections{${daemon},direction="incoming"}`]: 12
  }
  for (const [sample, value] of Object.entries(expected)) assert.equal(samples.get(sample), value, sample)
  const seconds = samples.get(`multidaemon_poll_duration_seconds_sum{${daemon}}`)
  assert.ok(seconds > 0 && seconds < 60, `${seconds} s in two polls`)
}))

test('a failure is counted, and the switch it leads to, by its reason', LIMIT, onPool(4, {}, async (pool, P, A) => {
  await P.crash()
  await pool.rounds()
  const samples = samplesOf(pool.multiDaemon.metrics())
  assert.equal(samples.get('multidaemon_switches_total{reason="refused"}'), 1)
  assert.equal(samples.get(`multidaemon_polls_total{daemon="${P.address}",outcome="failed"}`), 1)
  assert.equal(samples.get(`multidaemon_daemon_reason{daemon="${P.address}",reason="refused"}`), 1)
  assert.equal(samples.get(`multidaemon_daemon_in_use{daemon="${A.address}"}`), 1)
}))

test('every family is told once, with its type and help, and every sample belongs to one', LIMIT, onPool(4, {}, pool => {
  const lines = pool.multiDaemon.metrics().trimEnd().split('\n')
  const types = lines.filter(line => line.startsWith('# TYPE')).map(line => line.split(' '))
  const names = types.map(([, , name]) => name)
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(lines.filter(line => line.startsWith('# HELP')).map(line => line.split(' ')[2]), names)
  let type
  for (const line of lines) {
    if (line.startsWith('# TYPE')) type = line.split(' ')
    if (line.startsWith('#')) continue
    const family = type[3] === 'histogram' ? `${type[2]}_(bucket|sum|count)` : type[2]
    assert.match(line, new RegExp(`^${family}(\\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\\})? -?[0-9.e+-]+$`))
  }
}))

test('words of a daemon cannot break out of a label', LIMIT, onPool(4, {}, pool => {
  const status = pool.status
  status.daemons[0].version = '1"} 1\nmultidaemon_hold 1\\'
  const line = metrics(status, null).split('\n').find(line => line.startsWith('multidaemon_daemon_info'))
  assert.ok(line.endsWith('version="1\\"} 1\\nmultidaemon_hold 1\\\\"} 1'), line)
}))

test('blocks are counted by what the pool was told, and those that are lost', LIMIT, onPool(4, {}, pool => {
  const told = (told, orphaned = false) => ({ told, orphaned })
  const blocks = [told('accepted'), told('accepted', true), told('refused', true), told('unknown'), told('pending'), told('accepted')]
  const samples = samplesOf(metrics({ ...pool.status, blocks }, null))
  const counts = ['accepted', 'refused', 'unknown', 'pending'].map(told => samples.get(`multidaemon_blocks{told="${told}"}`))
  assert.deepEqual([counts, samples.get('multidaemon_lost_blocks')], [[3, 1, 1, 1], 1])
  assert.equal(samplesOf(pool.multiDaemon.metrics()).get('multidaemon_blocks{told="accepted"}'), 0)
}))

test('counters begin at zero for every reason that a switch can have', () => {
  const source = fs.readFileSync(path.join(__dirname, '..', 'index.d.ts'), 'utf8')
  const declared = ['ReasonCode', 'SwitchCode'].flatMap(name => new RegExp(`export type ${name} =([^]*?)\\n(?=\\n)`).exec(source)[1].match(/'[a-z-]+'/g))
  assert.deepEqual([...SWITCH_CODES].sort(), declared.map(code => code.slice(1, -1)).sort())
})

test('with the feature off the metrics say so', () => {
  const samples = samplesOf(new MultiDaemon({ daemon: { host: '127.0.0.1', port: 11898 } }).metrics())
  assert.deepEqual([samples.get('multidaemon_enabled'), samples.get('multidaemon_mode{mode="single"}')], [0, 1])
})
