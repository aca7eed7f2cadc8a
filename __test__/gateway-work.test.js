'use strict'

// Requests that are no blocks, through the gateway, over real sockets: whom they are asked of, and what comes back.

const assert = require('node:assert/strict')
const http = require('node:http')
const { describe, test } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { faults } = require('../sim')
const { WORDS } = require('../sim/shapes')
const { onRig } = require('./support/gateway')
const sim = require('./support/sim')

const LIMIT = { timeout: 60000 }
const PACE_MS = 100
const FOUR = [{}, {}, {}, {}]
const MONERODS = [{ dialect: 'monerod' }, { dialect: 'monerod' }, { dialect: 'monerod' }]
/** Ways in which a daemon passes every poll and gives no template, and what they are called. */
const NO_WORK = {
  unsynced: 'unsynced',
  busy: 'busy',
  overloaded: 'busy',
  forbidden: 'busy',
  failed: 'error',
  'status failed': 'error',
  'payment required': 'error',
  'without blob': 'empty',
  empty: 'empty',
  nothing: 'error'
}

/** Asks for templates, each of which has to be good, until the primary is left for giving none. */
async function leftWhileAsked (rig, isGood = Boolean) {
  for (const deadline = Date.now() + 30000; rig.state(0).state !== 'unhealthy';) {
    assert.ok(Date.now() < deadline, 'the primary is left')
    assert.ok(isGood((await rig.template()).result.blocktemplate_blob))
  }
}

/** What comes back for a body that no stand-in reads. */
async function post (rig, path) {
  const { status, text } = await sim.send(rig.gateway, { method: 'POST', path, body: '{}' })
  return { status, text }
}

describe('a template', () => {
  test('comes from the daemon in use, byte by byte as it gave it', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const body = JSON.stringify({ id: 'x7', jsonrpc: '2.0', method: 'getblocktemplate', params: { wallet_address: sim.ADDRESSES[P.dialect.name], reserve_size: 8 } })
    let sent = null
    P.on('request', exchange => { if (exchange.key === 'getblocktemplate') sent = exchange })
    const through = await sim.send(rig.gateway, { method: 'POST', path: '/json_rpc', body })
    assert.equal(sent.body, body)
    const straight = await sim.send(P, { method: 'POST', path: '/json_rpc', body })
    const withoutTime = text => text.replace(/[0-9a-f]{64,}/g, '')
    assert.equal(withoutTime(through.text), withoutTime(straight.text))
    assert.equal(through.headers['content-length'], String(through.bytes.length))
  }))

  for (const [kind, cause] of Object.entries(NO_WORK)) {
    test(`${kind}: the next daemon gives one, and the first is left, for "${cause}"`, LIMIT, onRig(FOUR, {}, async (rig, P) => {
      P.giveTemplates(kind)
      await leftWhileAsked(rig)
      assert.deepEqual([rig.state(0).reason.code, rig.state(0).reason.cause], ['no-work', cause])
      assert.notEqual(rig.inUse, P)
      assert.equal(rig.multiDaemon.getStatus().mode, 'multi')
    }))
  }

  for (const [what, status, more] of [['429', 429, {}], ['503 and Retry-After', 503, { 'Retry-After': '1' }]]) {
    test(`that a limit of requests refuses with ${what} comes from the next daemon, and the first is not left for that`, LIMIT, onRig(FOUR, {}, async (rig, P) => {
      let refused = 0
      P.behave(faults.only('getblocktemplate', exchange => {
        refused++
        exchange.send({ status, body: '' }, more)
      }))
      for (let asked = 0; asked < 12; asked++) assert.ok((await rig.template()).result.blocktemplate_blob)
      // It is not asked again before its time.
      assert.ok(refused >= 1 && refused < 12, `${refused} refused`)
      assert.deepEqual([rig.state(0).state, rig.inUse], ['healthy', P])
    }))
  }

  test('on the block below the head is no work once the head is an interval old', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    P.giveTemplates('cached')
    rig.network.mine()
    await rig.multiDaemon.refresh()
    const tip = rig.network.tip.hash
    await leftWhileAsked(rig, blob => blob.includes(tip))
    assert.deepEqual([rig.state(0).reason.code, rig.state(0).reason.cause], ['no-work', 'stale'])
  }))

  test('a daemon without work is asked at its polls, and is healthy when it gives templates again', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    P.giveTemplates('busy')
    await leftWhileAsked(rig)
    P.giveTemplates()
    await rig.until(() => rig.state(0).state === 'healthy', 'P is back')
  }))

  test('that nobody gives is nobody\'s fault, and the words of the daemon in use are passed on', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    for (const daemon of daemons) daemon.giveTemplates('failed')
    for (let request = 0; request < 4; request++) assert.equal((await rig.template()).error.code, -5)
    await rig.multiDaemon.refresh()
    assert.deepEqual(rig.blamed, [])
  }))

  test('comes from the first that gives one again, though that has still to prove itself, and the others are left for it only then', LIMIT, onRig(FOUR, { recoveryPolls: 10 }, async (rig, ...daemons) => {
    const [, , , last] = daemons
    const modes = []
    for (const daemon of daemons) daemon.giveTemplates('unsynced')
    assert.ok((await rig.template()).error)
    await last.crash()
    await rig.until(() => rig.state(3).state === 'unresponsive', 'the last one is down')
    rig.multiDaemon.on('mode', mode => modes.push(mode))
    last.giveTemplates()
    await last.restart()
    for (let came = false, deadline = Date.now() + 30000; rig.inUse !== last;) {
      assert.ok(Date.now() < deadline, 'it is used in the end')
      const { result, error } = await rig.template()
      assert.ok(result || !came, JSON.stringify(error))
      came = came || Boolean(result)
    }
    assert.deepEqual(modes, [])
  }))

  test('that nobody gives for ten seconds is told in the warnings, and its end ends that, while nobody is blamed', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const isIt = text => text.startsWith('no daemon has given a block template for 10 s or longer')
    const told = () => rig.multiDaemon.getStatus().warnings.filter(isIt)
    const lines = []
    const hear = ({ message }) => isIt(message) && lines.push(message)
    process.on('warning', hear)
    try {
      for (const daemon of daemons) daemon.giveTemplates('unsynced')
      const began = Date.now()
      for (const deadline = began + 40000; told().length === 0;) {
        assert.ok(Date.now() < deadline, 'it is told')
        assert.ok((await rig.template()).error)
        // The pace of a pool that asks often.
        await sleep(PACE_MS)
      }
      assert.ok(Date.now() - began >= 10000)
      // What each of them answered, also the one whose answer was passed on.
      const [text] = told()
      for (const { address } of daemons) assert.ok(text.includes(address), text)
      assert.match(text, /\([^;]+: Daemon must be synced[^;]*\)$/)
      assert.deepEqual([rig.blamed, rig.multiDaemon.getStatus().mode], [[], 'multi'])
      await rig.until(() => lines.length > 0, 'the log has it')
      for (const daemon of daemons) daemon.giveTemplates()
      assert.ok((await rig.template()).result.blocktemplate_blob)
      await rig.until(() => told().length === 0, 'it is over')
      assert.deepEqual(lines, [text])
    } finally {
      process.off('warning', hear)
    }
  }))

  test('that one request waits for in vain is told in the warnings while it waits', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    for (const daemon of daemons) daemon.behave(faults.only('getblocktemplate', () => {}))
    const waits = rig.template({ timeout: 20000 }).catch(error => error)
    await rig.until(() => rig.multiDaemon.getStatus().warnings.some(text => text.startsWith('no daemon has given a block template for 10 s')), 'it is told')
    assert.ok(await waits instanceof Error)
  }))

  test('for a wrong address is refused by the first, and asked of nobody else', LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
    assert.equal((await rig.ask('getblocktemplate', { wallet_address: 'nope', reserve_size: 8 })).error.code, -4)
    assert.equal(A.count('getblocktemplate'), 0)
  }))

  test('that takes seconds on every daemon arrives, and nobody is left for that', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    for (const daemon of daemons) daemon.giveTemplates('slow', 6000)
    assert.ok((await rig.template({ timeout: 30000 })).result.blocktemplate_blob)
    await rig.multiDaemon.refresh()
    assert.deepEqual(rig.blamed, [])
    assert.equal(rig.multiDaemon.getStatus().switches.length, 0)
  }))

  test('of a daemon that hangs is asked of another one', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
    await rig.template()
    P.hang()
    assert.ok((await rig.template()).result.blocktemplate_blob)
  }))

  test('of two that hang at it comes from a third, before anybody is left for that', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P, A) => {
    await rig.template()
    for (const daemon of [P, A]) daemon.behave(faults.only('getblocktemplate', () => {}))
    assert.ok((await rig.template({ timeout: 20000 })).result.blocktemplate_blob)
    assert.deepEqual([rig.blamed, rig.inUse], [[], P])
  }))

  test('that a pool could do nothing with comes from another one', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
    const good = await rig.template()
    for (const wrong of [
      { blocktemplate_blob: `${good.result.blocktemplate_blob}0` },
      { blocktemplate_blob: good.result.blocktemplate_blob.replace(/..$/, 'xy') },
      { blocktemplate_blob: 'ab' },
      { difficulty: null },
      { difficulty: 0 },
      { reserved_offset: good.result.blocktemplate_blob.length / 2 - 7 },
      { reserved_offset: -1 },
      { height: good.result.height + 1000000 }
    ]) {
      P.behave(faults.only('getblocktemplate', exchange => exchange.send({ status: 200, body: JSON.stringify({ id: 1, jsonrpc: '2.0', result: { ...good.result, ...wrong } }) })))
      const asked = P.count('getblocktemplate')
      const { result } = await rig.template()
      for (const member of Object.keys(wrong)) assert.notDeepEqual(result[member], wrong[member], JSON.stringify(wrong))
      assert.ok(P.count('getblocktemplate') > asked, 'it was asked')
      // So that what it gave is nothing that it is left for.
      P.behave(null)
      await rig.template()
    }
  }))

  for (const [what, break_] of Object.entries({
    'ends the connection': P => P.behave(faults.lost),
    'gives half a reply': P => P.behave(faults.half),
    'gives a shorter reply than it says': P => P.behave(faults.shorter(10)),
    'answers with HTML': P => P.behave(exchange => exchange.send({ status: 200, type: 'text/html', body: '<html>' })),
    'answers 500': P => P.behave(exchange => exchange.send({ status: 500, type: 'text/plain', body: 'oops' })),
    'refuses connections': P => P.crash()
  })) {
    test(`of a daemon that ${what} is asked of another one`, LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
      await break_(P)
      assert.ok((await rig.template()).result.blocktemplate_blob)
    }))
  }

  test('with hedgeAfter false waits for the daemon in use until that is known to hang', LIMIT, onRig(FOUR, { hedgeAfter: false, pollingInterval: 500, timeout: 300 }, async (rig, P) => {
    P.hang()
    assert.ok((await rig.template({ timeout: 20000 })).result.blocktemplate_blob)
  }))
})

describe('a daemon that fails a request', () => {
  /** After the first round nobody is polled but for what requests show. */
  const SELDOM = { pollingInterval: 3600000 }
  const polls = daemons => daemons.map(daemon => daemon.count('/info'))

  test('is polled at once, and left with that poll if it fails too; so are the others, who may have failed with it', LIMIT, onRig(FOUR, SELDOM, async (rig, P, ...others) => {
    const before = polls(others)
    await P.crash()
    assert.ok((await rig.template()).result.blocktemplate_blob)
    await rig.until(() => rig.state(0).state === 'unresponsive', 'P is left')
    await rig.until(() => polls(others).every((count, index) => count > before[index]), 'the others are polled too')
  }))

  test('is polled for that once a second at most, however many ask, and stays healthy if its polls are good', LIMIT, onRig(FOUR, { ...SELDOM, maxPollingFailures: 100 }, async (rig, P) => {
    P.behave(exchange => exchange.key === 'getblockcount' ? exchange.send({ status: 500 }) : exchange.send())
    const [[before], began] = [polls([P]), performance.now()]
    while (polls([P])[0] < before + 3) {
      assert.ok(performance.now() < began + 30000, 'it is polled three times')
      await Promise.all(Array.from({ length: 8 }, () => rig.ask('getblockcount')))
    }
    const failed = P.count('getblockcount')
    const seconds = (performance.now() - began) / 1000
    const extra = polls([P])[0] - before
    assert.ok(extra <= 1 + seconds, `${extra} polls in ${seconds} s for ${failed} requests`)
    await rig.until(() => rig.state(0).state === 'healthy' && rig.state(0).consecutiveFailures === 0, 'P is healthy')
  }))
})

describe('in mode single with fallback primary', () => {
  const TWO = [{}, {}]

  test('everything is asked of the primary, once, and its words are passed on', LIMIT, onRig(TWO, {}, async (rig, P, A) => {
    P.giveTemplates('busy')
    assert.equal((await rig.template()).error.code, -9)
    assert.deepEqual([P.count('getblocktemplate'), A.count('getblocktemplate')], [1, 0])
  }))

  test('the primary has all the time that the asker has', LIMIT, onRig(TWO, {}, async (rig, P) => {
    P.giveTemplates('slow', 8000)
    assert.ok((await rig.template({ timeout: 20000 })).result.blocktemplate_blob)
  }))
})

describe('when too few healthy daemons are left', () => {
  // A daemon that fails a poll is unresponsive with that, so that the mode changes at the moment when it is known to hang; and P stays bad, though it answers.
  const AT_ONCE = { hedgeAfter: false, maxPollingFailures: 1, recoveryPolls: 1000, timeout: 2000, pollingInterval: 500 }

  test('what hangs at another daemon is asked of the primary too, to which the pool is left then', LIMIT, onRig(FOUR, AT_ONCE, async (rig, P, A) => {
    await P.crash()
    await rig.until(() => rig.inUse === A, 'A is in use')
    await P.restart()
    await rig.until(() => rig.state(0).consecutiveFailures === 0, 'P answers again')
    assert.equal(rig.multiDaemon.getStatus().mode, 'multi')
    A.hang()
    assert.ok((await rig.template({ timeout: 30000 })).result.blocktemplate_blob)
    assert.deepEqual([rig.multiDaemon.getStatus().mode, rig.inUse], ['single', P])
  }))
})

describe('a request that never ends', { concurrency: 2 }, () => {
  for (const [what, keys, stuckBy] of [
    ['for what is read', '/peers', rig => sim.send(rig.gateway, { path: '/peers', timeout: 60000 })],
    ['for a template', 'getblocktemplate', rig => rig.template({ timeout: 60000 })]
  ]) {
    test(`${what} keeps no template from a pool that has only its primary`, LIMIT, onRig([{}, {}], {}, async (rig, P) => {
      P.behave(faults.only(keys, () => {}))
      for (let count = 0; count < 4; count++) stuckBy(rig).catch(() => {})
      await rig.until(() => P.count(keys) >= (keys === '/peers' ? 3 : 4), 'they are under way')
      P.behave(null)
      assert.ok((await rig.template({ timeout: 30000 })).result.blocktemplate_blob)
    }))
  }

  test('and that nobody else may be asked ends when its daemon is silent and left', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    P.hang()
    const { status, text } = await sim.send(rig.gateway, { method: 'POST', path: '/odd', body: '{}', timeout: 60000 })
    assert.equal(status, 500)
    assert.match(text, /no daemon answers/)
    assert.notEqual(rig.inUse, P)
  }))
})

describe('other requests', () => {
  test('reads are asked again where the daemon in use fails', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
    P.behave(faults.lost)
    assert.equal((await rig.ask('getblockcount', {})).result.count, rig.network.tip.height + 1)
    assert.equal(JSON.parse((await sim.send(rig.gateway, { path: '/info' })).text).height, rig.network.tip.height + 1)
  }))

  test('what nobody knows is asked once, and answered in the daemon\'s words', LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
    const reply = await sim.send(rig.gateway, { path: '/nobody_knows_this?a=b' })
    assert.equal(reply.status, (await sim.send(P, { path: '/nobody_knows_this' })).status)
    assert.deepEqual([P.count('/nobody_knows_this?a=b') + P.count('/nobody_knows_this'), A.count('/nobody_knows_this?a=b')], [2, 0])
  }))

  test('what nobody knows is not asked twice where the daemon fails, and the answer says why', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P, A) => {
    P.behave(faults.lost)
    const reply = await sim.send(rig.gateway, { path: '/nobody_knows_this' })
    assert.equal(reply.status, 500, 'a program that does not name itself knows no other status')
    assert.match(JSON.parse(reply.text).error, new RegExp(P.address))
    assert.equal(A.count('/nobody_knows_this'), 0)
  }))

  test('raw bytes that monerod writes into JSON reach the wallet, and nobody is blamed for them', LIMIT, onRig(MONERODS, {}, async (rig, P) => {
    const backlog = Buffer.concat([Buffer.from('{"id":"0","jsonrpc":"2.0","result":{"backlog":"'), Buffer.from([0xff, 0x01, 0x9c, 0x00]), Buffer.from('","status":"OK"}}')])
    P.behave(faults.only('get_txpool_backlog', ({ response }) => response.end(backlog)))
    const seen = await new Promise((resolve, reject) => {
      const request = http.request({ ...rig.gateway, method: 'POST', path: '/json_rpc' }, response => {
        const pieces = []
        response.on('data', piece => pieces.push(piece)).on('end', () => resolve(Buffer.concat(pieces)))
      })
      request.on('error', reject).end('{"id":"0","jsonrpc":"2.0","method":"get_txpool_backlog"}')
    })
    assert.deepEqual(seen, backlog)
    assert.equal(rig.multiDaemon.getStatus().daemons[0].consecutiveFailures, 0)
    assert.equal(rig.multiDaemon.getStatus().requests.rescued, 0)
  }))

  test('what wallets read is asked of another one where a daemon does not know it', LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
    const path = '/queryblockslite'
    P.behave(faults.only(path, faults.answer('{}', { status: 404 })))
    A.behave(faults.only(path, faults.answer('{"items":[]}')))
    assert.deepEqual(await post(rig, path), { status: 200, text: '{"items":[]}' })
    assert.deepEqual([P.count(path), A.count(path)], [1, 1])
  }))

  test('what wallets read and no daemon knows is answered in the words of the first', LIMIT, onRig(FOUR, {}, async (rig, P, ...others) => {
    const path = '/queryblockslite'
    P.behave(faults.only(path, faults.answer('"not here"', { status: 405 })))
    for (const other of others) other.behave(faults.only(path, faults.answer('"nor here"', { status: 404 })))
    assert.deepEqual(await post(rig, path), { status: 405, text: '"not here"' })
  }))

  for (const [what, words] of Object.entries({ 'is busy': { status: 'BUSY' }, 'has to be synced': WORDS.unsynced })) {
    test(`what is no JSON-RPC is asked of another one where a daemon says that it ${what}`, LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
      P.behave(faults.only(['/getheight', '/sendrawtransaction'], faults.answer(JSON.stringify(words))))
      A.behave(faults.only(['/getheight', '/sendrawtransaction'], faults.answer('{"status":"OK","of":"A"}')))
      assert.equal(JSON.parse((await sim.send(rig.gateway, { path: '/getheight' })).text).of, 'A')
      assert.equal(JSON.parse((await post(rig, '/sendrawtransaction')).text).of, 'A')
      assert.equal(rig.state(0).consecutiveFailures, 0)
    }))
  }

  test('what a daemon says of a transaction is passed on, though another one would take it', LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
    const words = '{"status":"Failed","reason":"double spend","double_spend":true}'
    P.behave(faults.only('/sendrawtransaction', faults.answer(words)))
    A.behave(faults.only('/sendrawtransaction', faults.answer('{"status":"OK"}')))
    assert.deepEqual(await post(rig, '/sendrawtransaction'), { status: 200, text: words })
  }))

  test('HEAD has no body, and nobody is blamed or asked again for that', LIMIT, onRig(FOUR, {}, async (rig, P, ...others) => {
    const { status, text, headers } = await sim.send(rig.gateway, { method: 'HEAD', path: '/height' })
    const length = (await sim.send(P, { path: '/height' })).text.length
    assert.deepEqual([status, text, headers['content-length']], [200, '', String(length)])
    assert.deepEqual(others.map(daemon => daemon.count('/height')), [0, 0, 0])
    await rig.until(() => rig.multiDaemon.getStatus().requests.answered === 1, 'it counts as answered')
  }))

  for (const [what, result] of Object.entries({ none: { status: 'OK' }, 'an empty one': { status: 'OK', block_header: {} } })) {
    test(`a header is asked of another daemon where one gives ${what}`, LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
      P.behave(faults.only('getblockheaderbyheight', faults.answer(JSON.stringify({ id: '0', jsonrpc: '2.0', result }))))
      assert.equal((await rig.ask('getblockheaderbyheight', { height: 3 })).result.block_header.height, 3)
    }))
  }

  test('that each daemon ends the connection over have the pool leave no daemon', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, ...daemons) => {
    const [P] = daemons
    const switches = []
    rig.multiDaemon.on('switch', event => switches.push(event.reason))
    for (const daemon of daemons) daemon.behave(faults.only('/odd', faults.reset))
    // Each of them calls a poll, once a second at most; as many failures as these would make a daemon unsteady.
    const polls = () => P.count('/info') + P.count('getlastblockheader')
    for (const before = polls(); polls() < before + 6;) {
      assert.equal((await sim.send(rig.gateway, { method: 'POST', path: '/odd', body: '{}' })).status, 500)
    }
    assert.deepEqual(switches, [])
  }))

  test('a batch is answered as a whole, by a daemon that has no batches too', LIMIT, onRig(MONERODS, {}, async rig => {
    const batch = [1, 2].map(id => ({ id, jsonrpc: '2.0', method: 'getblockcount', params: {} }))
    const reply = await sim.send(rig.gateway, { method: 'POST', path: '/json_rpc', body: JSON.stringify(batch) })
    assert.equal(typeof JSON.parse(reply.text), 'object')
  }))

  test('while the daemons disagree, headers from the fork on are not told, and those below are', LIMIT, onRig([{}, {}, {}, {}, {}, {}], {}, async (rig, P, A, B, C, D, E) => {
    const at = rig.network.tip.height + 1
    rig.network.partition([P, A, B], [C, D, E])
    rig.network.mine(3)
    await rig.until(() => rig.multiDaemon.hold && rig.state(3).reason && rig.state(3).reason.code === 'forked', 'hold')
    assert.equal((await rig.ask('getblockheaderbyheight', { height: at })).error.code, -9)
    assert.equal((await rig.ask('getblockheaderbyheight', { height: at - 1 })).result.block_header.height, at - 1)
    const { block_header: top } = (await rig.ask('getlastblockheader', {})).result
    assert.equal((await rig.ask('getblockheaderbyhash', { hash: top.hash })).error.code, -9)
    await rig.until(() => rig.multiDaemon.getStatus().requests.held === 2, 'both count as held')
  }))
})
