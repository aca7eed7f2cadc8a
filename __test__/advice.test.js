'use strict'

// What to do about a daemon, and what it is called, wherever that is told: in `check`, on the page, in metrics and in the log.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const Log = require('../lib/attach/log')
const { findings } = require('../lib/cli/findings')
const { REASONS, adviceFor, wordsFor } = require('../lib/reasons')
const { daemonLines } = require('../lib/cli/table')
const metrics = require('../lib/status/metrics')
const Picture = require('../lib/status/picture')
const { withPrimary } = require('../lib/source/blank')

const read = (...names) => fs.readFileSync(path.join(__dirname, '..', ...names), 'utf8')

const PLACE = { host: '::1', port: 11898, tls: false }
const daemonWith = members => ({
  ...PLACE, primary: true, drained: true, state: 'unhealthy', reason: { code: 'draining', message: 'drained by the operator' }, height: 5, hash: 'a'.repeat(64), lag: 0, networkHeight: 5,
  incoming: 1, outgoing: 1, dialect: 'turtlecoin', version: '0.28.3', latency: 1, lastSeen: 1, consecutiveFailures: 0,
  learnt: { answerTime: 1, timeLimit: 250, blockDelay: null }, ...members
})
const DEAD = { state: 'unresponsive', reason: { code: 'refused', message: 'connection refused' } }
const statusOf = (...daemons) => ({
  ...withPrimary(PLACE, true, 1), daemons, blocks: [{ id: 0, at: 1, height: 5, hash: null, told: 'accepted', late: false, by: PLACE, seen: 1, depth: null, orphaned: false }]
})
const shown = status => new Picture({ getStatus: () => status }, { takesOrders: false, figures: () => null }).shown()
const found = (daemon, kind = 'problems') => findings({
  config: { multiDaemon: { minHealthy: 1 } }, status: { ...statusOf(daemon), mode: 'multi' }, protocols: [{ certificate: null, otherwise: false }], machines: [], unlisted: []
}, 0)[kind]

test('a drained daemon is named as that, and nobody is sent to its log for it', () => {
  const drained = daemonWith({})
  assert.match(shown(statusOf(drained)).daemons[0].advice, /^undrain it, /)
  assert.equal(shown(statusOf(drained)).daemons[0].trouble, 'is drained')
  assert.deepEqual([found(drained), found(drained, 'advice')], [[], []], 'there is nothing to fix')
  const text = metrics(statusOf(drained), null)
  for (const line of ['multidaemon_daemon_drained{daemon="[::1]:11898"} 1', 'multidaemon_daemon_reason{daemon="[::1]:11898",reason="draining"} 1']) assert.ok(text.includes(`${line}\n`), line)
  const lines = []
  new Log((severity, system, text, [line]) => lines.push(line)).daemon(drained, 'healthy')
  assert.deepEqual(lines, ['[::1]:11898 is unhealthy: drained by the operator'])
})

test('what else is wrong with one that is drained may be meant', () => {
  const dead = daemonWith(DEAD)
  const advice = `it is drained, so you may expect this; before you use it again: ${REASONS.refused.advice}`
  assert.deepEqual(found(dead), [], 'which is no problem')
  assert.deepEqual(found(dead, 'advice'), [{ what: '[::1]:11898 is unresponsive: connection refused', fix: advice }])
  assert.equal(shown(statusOf(dead)).daemons[0].advice, advice)
  assert.equal(adviceFor(daemonWith({ ...DEAD, drained: false })), REASONS.refused.advice)
})

test('what a reason rests on is in its words, where it is known', () => {
  const words = reason => wordsFor({ state: 'unhealthy', reason })
  assert.equal(words({ code: 'lagging', by: 1 }), 'is 1 block behind')
  assert.equal(words({ code: 'stalled', lasting: 7380000 }), 'has had no new block for 2 h 3 min')
  assert.equal(words({ code: 'forked', at: 7 }), 'is on a fork since block 7')
  for (const code of Object.keys(REASONS)) assert.doesNotMatch(words({ code }), /undefined|NaN/, code)
})

test('a code that only another version knows is told by its message', () => {
  const daemon = daemonWith({ drained: false, reason: { code: 'constructor', message: 'something new' } })
  assert.equal(wordsFor(daemon), 'is unhealthy: something new')
  assert.equal(adviceFor(daemon), 'look at its log')
})

test('one that is not judged yet takes a moment, and no look at its log', () => {
  assert.equal(adviceFor({ drained: false, reason: null }), 'wait a moment and look again')
})

test('a daemon has one name everywhere, an IPv6 address in brackets', () => {
  const name = '[::1]:11898'
  const { current, blocks, daemons } = shown(statusOf(daemonWith({})))
  assert.deepEqual([current.name, blocks[0].by.name, daemons[0].name], [name, name, name])
  assert.ok(daemonLines(statusOf(daemonWith({})))[1].text.includes(`  ${name}  `))
  // The page is given names, and makes none.
  const folder = path.join('lib', 'status', 'page')
  for (const file of fs.readdirSync(path.join(__dirname, '..', folder))) assert.doesNotMatch(read(folder, file), /host\}:|host \+/, file)
})
