'use strict'

// What the status page remembers, and that it forgets.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const History = require('../lib/status/history')

const HOUR = 3600000
const START = 1767225600000

const daemon = (host, state = 'healthy', reason = null) => ({ host, port: 1, state, reason })
const change = (host, state, reason) => ({ event: 'daemon', daemon: daemon(host, state, reason) })
const switchTo = (host, at) => ({ event: 'switch', switch: { to: { host, port: 1 }, at } })
const mode = (mode, hold = false) => ({ event: 'mode', mode, status: { mode, hold } })
const begin = hosts => new History({ mode: 'multi', hold: false, switches: [], daemons: hosts.map(host => daemon(host)) }, START, START)
const shown = (history, now) => JSON.parse(JSON.stringify(history.shown(now, now)))

test('a daemon has a state until the next one begins', () => {
  const history = begin(['a'])
  assert.equal(history.note([change('a', 'unhealthy', { code: 'lagging', message: 'behind' })], START + HOUR), true)
  assert.deepEqual(shown(history, START + HOUR).daemons, { 'a:1': [[START, 'healthy', null, null], [START + HOUR, 'unhealthy', 'lagging', 'behind']] })
})

test('switches and modes are remembered, and what changes nothing is not', () => {
  const history = begin(['a'])
  history.note([switchTo('b', START + 1), mode('single')], START + 1)
  assert.equal(history.note([{ event: 'block', head: {} }, mode('single')], START + 2), false)
  const { switches, modes } = shown(history, START + 2)
  assert.deepEqual([switches.length, modes], [1, [[START, 'multi', false], [START + 1, 'single', false]]])
})

test('what ended more than a day ago is forgotten, what still lasts is not', () => {
  const history = begin(['a', 'b'])
  history.note([change('a', 'unresponsive', { code: 'refused', message: 'x' }), switchTo('b', START + HOUR), mode('single')], START + HOUR)
  history.note([change('a', 'healthy'), mode('multi')], START + 2 * HOUR)
  history.note([switchTo('a', START + 30 * HOUR)], START + 30 * HOUR)
  const { start, daemons, modes, switches } = shown(history, START + 30 * HOUR)
  assert.equal(start, START + 6 * HOUR)
  assert.deepEqual(daemons, { 'a:1': [[START + 2 * HOUR, 'healthy', null, null]], 'b:1': [[START, 'healthy', null, null]] })
  assert.deepEqual(modes, [[START + 2 * HOUR, 'multi', false]])
  assert.deepEqual(switches.map(({ at }) => at), [START + 30 * HOUR])
})

test('a wild night fills no memory, and its end is what is kept', () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `daemon-${index}`)
  const history = begin(hosts)
  const long = 'x'.repeat(1000)
  for (let round = 1; round <= 300; round++) {
    const now = START + round * 1000
    history.note([
      ...hosts.map(host => change(host, round % 2 ? 'unhealthy' : 'healthy', { code: 'forked', message: long })),
      switchTo(hosts[round % 100], now), mode(round % 2 ? 'single' : 'multi')
    ], now)
  }
  const text = JSON.stringify(history.shown(START + 300000, START + 300000))
  assert.ok(text.length < 500000, `${text.length} characters`)
  assert.equal(JSON.parse(text).switches.at(-1).at, START + 300000)
  assert.equal(JSON.parse(text).daemons['daemon-99:1'].at(-1)[0], START + 300000)
})

test('daemons that left the configuration are forgotten, new ones are remembered from then on', () => {
  const history = begin(['a', 'b'])
  history.watch([daemon('b'), daemon('c', 'unknown')], START + HOUR)
  assert.deepEqual(Object.keys(shown(history, START + HOUR).daemons), ['b:1', 'c:1'])
})

test('what was an hour ago stays so when the time of day is set, whichever way and however far', () => {
  for (const jump of [-48 * HOUR, -HOUR, 48 * HOUR]) {
    const history = begin(['a'])
    history.note([change('a', 'unhealthy', { code: 'forked', message: 'x' }), switchTo('b', START + HOUR), mode('single')], START + HOUR)
    const day = START + 2 * HOUR + jump
    const { start, daemons, modes, switches } = history.shown(START + 2 * HOUR, day)
    assert.deepEqual([start, daemons['a:1'].map(([since]) => since), modes.map(([since]) => since), switches.map(({ at }) => at)],
      [day - 2 * HOUR, [day - 2 * HOUR, day - HOUR], [day - 2 * HOUR, day - HOUR], [day - HOUR]])
  }
})

test('switches from before it began are as old as their times say, and none is in the future', () => {
  const before = [START - 30 * HOUR, START - HOUR, START + HOUR].map(at => switchTo('a', at).switch)
  const history = new History({ mode: 'multi', hold: false, switches: before, daemons: [daemon('a')] }, 5, START)
  assert.deepEqual(history.shown(5, START).switches.map(({ at }) => at), [START - HOUR, START])
})
