'use strict'

// Daemons behind a limit of requests, while the gateway asks them too: polls and requests keep one pace, and nobody is left for a limit.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { faults } = require('../sim')
const { onRig } = require('./support/gateway')
const sim = require('./support/sim')

const LIMIT = { timeout: 120000 }
const FOUR = [{}, {}, {}, {}]
/** As operators have them: what is stale is told by them. */
const TIMES = { pollingInterval: 5000, timeout: 2000, devianceGrace: 3600000, hedgeAfter: false }

/** Asks for a template a second, as pools do, until so many further polls have ended; every one of them has to get through. */
async function mine (rig, polls) {
  const { multiDaemon } = rig
  const wanted = multiDaemon.getStatus().polls + polls
  let asked = 0
  for (const deadline = Date.now() + 90000; multiDaemon.getStatus().polls < wanted; asked++) {
    assert.ok(Date.now() < deadline, `${polls} polls`)
    const { result, error } = await rig.template({ timeout: 30000 })
    assert.ok(result && result.blocktemplate_blob, JSON.stringify(error))
    await sleep(1000)
  }
  return asked
}

function watchFor (multiDaemon) {
  const seen = []
  multiDaemon.on('daemon', ({ port, state, reason }) => seen.push(`${port} ${state} ${reason && reason.message}`))
  multiDaemon.on('switch', ({ code, reason }) => seen.push(`${code} ${reason}`))
  multiDaemon.on('mode', mode => seen.push(mode))
  return seen
}

describe('with a request a second', { concurrency: 2 }, () => {
  test('a daemon in use stays in use and healthy, gives work, and every template gets through', LIMIT, onRig(FOUR, TIMES, async (rig, P) => {
    const seen = watchFor(rig.multiDaemon)
    const before = P.count('getblocktemplate')
    P.behave(faults.limited(1000))
    const asked = await mine(rig, 16)
    assert.deepEqual([seen, rig.inUse], [[], P])
    assert.equal(rig.state(0).consecutiveFailures, 0)
    const share = P.count('getblocktemplate') - before
    assert.ok(asked > 10 && share > 0 && share <= asked, `${share} of ${asked}`)
    await rig.until(() => rig.state(0).requests === share, 'those that it was not asked are not counted')
  }))

  test('on all four, with two at once after a rest, the pool gets work, a found block is taken, and nothing flaps', LIMIT, onRig(FOUR, TIMES, async (rig, ...daemons) => {
    const seen = watchFor(rig.multiDaemon)
    for (const daemon of daemons) daemon.behave(faults.limited(1000, { burst: 2, status: 503, retryAfter: '1' }))
    await mine(rig, 16)
    assert.deepEqual([seen, rig.inUse], [[], daemons[0]])
    const { result: { blocktemplate_blob: blob } } = await rig.template({ timeout: 30000 })
    assert.deepEqual((await rig.submit(blob)).result, { status: 'OK' })
    assert.deepEqual(rig.blamed, [])
  }))

  test('what a wallet reads waits for the first turn at any of them', LIMIT, onRig(FOUR, TIMES, async (rig, ...daemons) => {
    const path = '/queryblockslite'
    const [busy, there] = [{ status: 503 }, { status: 200, type: 'application/json', body: '{"items":[]}' }]
    for (const daemon of daemons) {
      let asked = 0
      daemon.behave(faults.only(path, exchange => asked++ === 0 ? exchange.send(busy, { 'Retry-After': '1' }) : exchange.send(there)))
    }
    const { status, text } = await sim.send(rig.gateway, { method: 'POST', path, body: '{}', timeout: 30000 })
    assert.deepEqual([status, text], [200, there.body])
  }))
})
