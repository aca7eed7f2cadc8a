'use strict'

// Blocks through the gateway, over real sockets, on daemons that are as bad as real ones.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { blobs, faults, sleep } = require('../sim')
const { partsOf } = require('../lib/parts')
const { onRig } = require('./support/gateway')
const sim = require('./support/sim')

const LIMIT = { timeout: 90000 }
const FOUR = [{}, {}, {}, {}]
const OK = { status: 'OK' }
/** Daemons whose databases are damaged by a block from a pool and from peers at once, and that take their time. */
const REAL = { network: { propagation: 20, addTime: 50, firstAddTime: 700 } }

const offers = daemons => daemons.map(daemon => daemon.submitted.length)
const isInChain = (daemon, height) => daemon.tip.height >= height

describe('a block', () => {
  test('is offered to the daemon in use alone, and gets to the others by themselves', LIMIT, onRig(FOUR, REAL, async (rig, ...daemons) => {
    const height = rig.network.tip.height + 1
    assert.deepEqual((await rig.submit(await rig.block())).result, OK)
    await rig.until(() => daemons.every(daemon => isInChain(daemon, height)), 'it is everywhere')
    assert.deepEqual(offers(daemons), [1, 0, 0, 0])
  }))

  test('ten in a row damage no database, and their fate is told', LIMIT, onRig(FOUR, REAL, async (rig, ...daemons) => {
    const first = rig.network.tip.height + 1
    for (let nonce = 1; nonce <= 10; nonce++) {
      assert.deepEqual((await rig.submit(await rig.block(nonce))).result, OK)
      await rig.until(() => daemons.every(daemon => isInChain(daemon, first + nonce - 1)), 'it is everywhere')
    }
    await rig.until(() => {
      const { blocks } = rig.multiDaemon.getStatus()
      return blocks.length === 10 && blocks.every(({ told, hash }) => told === 'accepted' && hash) && blocks[0].depth >= 8
    }, 'the fates')
    const { blocks } = rig.multiDaemon.getStatus()
    assert.deepEqual(blocks.map(({ height }) => height), Array.from({ length: 10 }, (_, index) => first + index))
    assert.equal(blocks.every(({ orphaned, by }) => !orphaned && by.port === daemons[0].port), true)
  }))

  test('in mode single is told with its height, which the template had, also on a block that no poll has shown', LIMIT, onRig([{}, {}], { pollingInterval: 60000 }, async (rig, P) => {
    const told = []
    rig.multiDaemon.on('submitted', block => told.push(block))
    for (const nonce of [1, 2]) {
      rig.network.mine()
      const { result } = await rig.template()
      assert.deepEqual((await rig.submit(blobs.withNonce(result.blocktemplate_blob, nonce))).result, OK)
      await rig.until(() => told.length === nonce, 'it is told')
      assert.deepEqual([told[nonce - 1].told, told[nonce - 1].by.port, told[nonce - 1].height], ['accepted', P.port, result.height])
    }
    assert.equal(rig.multiDaemon.getStatus().mode, 'single')
  }))

  test('survives a daemon in use that hangs: the next one takes it', LIMIT, onRig(FOUR, { ...REAL, pollingInterval: 60000 }, async (rig, P, A) => {
    const blob = await rig.block()
    P.hang()
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.deepEqual(offers([P, A]), [0, 1], 'a daemon that hangs would take it in when it wakes up')
  }))

  test('survives a daemon in use that is gone', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P, A) => {
    const blob = await rig.block()
    await P.crash()
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.deepEqual(offers([A]), [1])
  }))

  for (const kind of ['busy', 'overloaded', 'unsynced', 'status busy']) {
    test(`that is not judged ("${kind}") is offered to the next one`, LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
      const blob = await rig.block()
      P.takeBlocks(kind)
      assert.deepEqual((await rig.submit(blob)).result, OK)
      assert.deepEqual(offers([A]), [1])
    }))
  }

  test('that nobody judges at first is offered again, and taken', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const blob = await rig.block()
    for (const daemon of daemons) daemon.takeBlocks('unsynced')
    const reply = rig.submit(blob)
    await rig.until(() => daemons.every(daemon => daemon.count('submitblock') > 0), 'everybody has been asked')
    daemons.forEach(daemon => daemon.takeBlocks())
    assert.deepEqual((await reply).result, OK)
  }))

  test('that was taken, but whose answer was lost, is told as taken, though the others refuse what they know', LIMIT, onRig(FOUR.map(() => ({ refusesKnown: true })), {}, async (rig, P, ...others) => {
    const blob = await rig.block()
    P.takeBlocks('lost')
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.deepEqual(offers(others), [0, 0, 0])
  }))

  test('that was taken, but whose answer takes 8 s, is told as taken when it is seen in the chain', LIMIT, onRig(FOUR, {}, async (rig, P, ...others) => {
    const blob = await rig.block()
    P.takeBlocks('late', 8000)
    const began = Date.now()
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.ok(Date.now() - began < 7000)
    assert.deepEqual(offers(others), [0, 0, 0])
  }))

  test('that a liar says to have taken is offered to a daemon that has not got it', LIMIT, onRig(FOUR, {}, async (rig, P, ...others) => {
    const height = rig.network.tip.height + 1
    const blob = await rig.block()
    P.takeBlocks('lie')
    assert.deepEqual((await rig.submit(blob)).result, OK)
    await rig.until(() => others.every(daemon => isInChain(daemon, height)), 'the others have it')
    assert.equal(offers(others).reduce((sum, count) => sum + count), 1)
  }))

  for (const [what, value] of Object.entries({ null: null, false: false, 'an empty object': {}, 'an empty list': [], text: 'Block not accepted' })) {
    test(`that is answered with ${what} is not taken for accepted: the next one gets it`, LIMIT, onRig(FOUR, {}, async (rig, P, A) => {
      const blob = await rig.block()
      P.takeBlocks('result', value)
      assert.deepEqual((await rig.submit(blob)).result, OK)
      assert.deepEqual(offers([A]), [1])
    }))
  }

  test('whose place another one has got is offered to nobody, and refused', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const blob = await rig.block()
    const height = rig.network.tip.height + 1
    rig.network.mine(1)
    const { error } = await rig.submit(blob)
    assert.equal(error.code, -7)
    assert.equal(error.message, `Block not accepted: it came too late, ${daemons[0].address} has another block at height ${height}`)
    assert.deepEqual(offers(daemons), [0, 0, 0, 0])
    // The answer does not wait for the snapshot.
    const fate = () => rig.multiDaemon.getStatus().blocks.at(-1)
    await rig.until(() => fate().told !== 'pending', 'the snapshot tells')
    assert.deepEqual([fate().told, fate().late, fate().height], ['refused', true, height])
  }))

  test('beside which only the daemon in use has another one is saved by those that do not get that one', LIMIT, onRig(FOUR, {}, async (rig, P, ...others) => {
    const blob = await rig.block()
    rig.network.partition([P], others)
    rig.network.mine(1, { on: P })
    const began = performance.now()
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.deepEqual(offers([P, ...others]), [0, 1, 0, 0])
    // The other one might have been on its way to them.
    assert.equal(performance.now() - began >= 2000, true)
  }))

  test('that the daemon in use refuses is offered to the others, one at a time', LIMIT, onRig(FOUR, REAL, async (rig, P, ...others) => {
    const blob = await rig.block()
    P.takeBlocks('refused')
    assert.deepEqual((await rig.submit(blob)).result, OK)
    assert.deepEqual(offers(others), [1, 0, 0])
  }))

  test('waits for the right daemon, that restarts while the others refuse', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P, ...others) => {
    const blob = await rig.block()
    await P.crash()
    others.forEach(daemon => daemon.takeBlocks('refused'))
    const reply = rig.submit(blob)
    await rig.until(() => others.every(daemon => daemon.count('submitblock') > 0), 'all others have refused')
    await P.restart()
    assert.deepEqual((await reply).result, OK)
  }))

  test('of which nobody can say what became is told as unknown, with who said what, and the log tells when it turns up', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const lines = []
    partsOf(rig.multiDaemon).source.say = (severity, text) => lines.push(`${severity}: ${text}`)
    const [P] = daemons
    const height = rig.network.tip.height + 1
    const blob = await rig.block()
    daemons.forEach(daemon => daemon.takeBlocks('body', 'nonsense'))
    const { error } = await rig.submit(blob)
    assert.match(error.message, /it is not known whether a daemon accepted the block/)
    for (const { address } of daemons) assert.match(error.message, new RegExp(address))
    P.takeBlocks()
    assert.deepEqual((await sim.submit(P, blob)).result, OK)
    await rig.until(() => rig.multiDaemon.getStatus().blocks[0].depth === 0, 'it is looked for')
    const [{ told, orphaned }] = rig.multiDaemon.getStatus().blocks
    assert.deepEqual([told, orphaned], ['unknown', false])
    await rig.until(() => lines.some(line => line.startsWith(`warn: the block at ${height} was told to be of unknown fate`)), 'the log tells it')
  }))

  test('is answered so that a client can read it where the daemon tells the length of its answer twice', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const blob = await rig.block()
    P.behave(faults.only('submitblock', async exchange => {
      const reply = await exchange.truth()
      const { length } = JSON.stringify(reply.body)
      exchange.send(reply, { 'Content-Length': `${length}, ${length}` })
    }))
    assert.deepEqual((await rig.submit(blob)).result, OK)
  }))

  test('is offered though requests that never end have the daemon\'s connections', LIMIT, onRig([{}, {}], {}, async (rig, P) => {
    const blob = await rig.block()
    P.behave(faults.only(['/peers', 'getblocktemplate'], () => {}))
    const stuck = [...Array(4).fill('/peers').map(path => sim.send(rig.gateway, { path, timeout: 60000 })), ...Array(20).fill().map(() => rig.template({ timeout: 60000 }))]
    for (const request of stuck) request.catch(() => {})
    await rig.until(() => P.count('getblocktemplate') >= 9, 'they are under way')
    assert.deepEqual((await rig.submit(blob)).result, OK)
  }))

  test('has its fate also where daemons count the blocks from 1 when they are asked by height', LIMIT, onRig(FOUR.map(() => ({ countsFromOne: true })), {}, async (rig, ...daemons) => {
    const old = await rig.block(1)
    assert.deepEqual((await rig.submit(await rig.block(2))).result, OK)
    rig.network.mine(2)
    await rig.until(() => rig.multiDaemon.getStatus().blocks[0].depth === 2, 'its depth is told')
    const before = offers(daemons)
    assert.match((await rig.submit(old)).error.message, /it came too late/)
    assert.deepEqual(offers(daemons), before, 'its place is taken')
  }))

  test('that is submitted twice is offered once, and both are answered', LIMIT, onRig(FOUR, REAL, async (rig, ...daemons) => {
    const blob = await rig.block()
    const replies = await Promise.all([rig.submit(blob), rig.submit(blob)])
    assert.deepEqual(replies.map(({ result }) => result), [OK, OK])
    assert.deepEqual(offers(daemons), [1, 0, 0, 0])
  }))

  test('that is submitted again in upper case is the same block', LIMIT, onRig(FOUR, REAL, async (rig, ...daemons) => {
    const blob = await rig.block()
    const replies = await Promise.all([rig.submit(blob), rig.submit(blob.toUpperCase())])
    assert.deepEqual(replies.map(({ result }) => result), [OK, OK])
    assert.deepEqual(offers(daemons), [1, 0, 0, 0])
  }))

  test('that is submitted twice is answered to each with its own id, and otherwise the same', LIMIT, onRig(FOUR.map(() => ({ dialect: 'monerod' })), REAL, async (rig, ...daemons) => {
    const height = rig.network.tip.height + 1
    const submit = async (blob, id) => JSON.parse((await sim.send(rig.gateway, {
      method: 'POST', path: '/json_rpc', body: JSON.stringify({ id, jsonrpc: '2.0', method: 'submitblock', params: [blob] }), timeout: 60000
    })).text)
    const good = await rig.block()
    const atOnce = await Promise.all(['one', 2, 'a "third"'].map(id => submit(good, id)))
    assert.deepEqual(atOnce, ['one', 2, 'a "third"'].map(id => ({ id, jsonrpc: '2.0', result: { ...OK, untrusted: false } })))
    await rig.until(() => daemons.every(daemon => isInChain(daemon, height)), 'it is everywhere')
    const bad = await rig.block()
    daemons.forEach(daemon => daemon.takeBlocks('refused'))
    const error = { code: -7, message: 'Block not accepted' }
    for (const id of ['one', null, 3]) assert.deepEqual(await submit(bad, id), { id, jsonrpc: '2.0', error })
  }))

  test('on the parent of another one that is just being added is not offered beside it, and refused', LIMIT, onRig(FOUR, { network: { ...REAL.network, addTime: 700 } }, async (rig, ...daemons) => {
    const [first, ...later] = [await rig.block(1), await rig.block(2), await rig.block(3)]
    const height = rig.network.tip.height + 1
    const replies = [rig.submit(first)]
    await rig.until(() => daemons[0].count('submitblock') === 1, 'it is offered')
    replies.push(...later.map(blob => rig.submit(blob)))
    const [{ result }, ...refused] = await Promise.all(replies)
    assert.deepEqual(result, OK)
    for (const { error } of refused) assert.equal(error.message, `Block not accepted: it came too late, ${daemons[0].address} has another block at height ${height}`)
    assert.deepEqual(offers(daemons), [1, 0, 0, 0])
  }))

  test('on the parent of another one that was accepted a moment ago, and that the daemon in use does not show yet, came too late as well', LIMIT, onRig(FOUR, { network: { ...REAL.network, propagation: 3000 }, pollingInterval: 60000 }, async (rig, P, A) => {
    const [first, second] = [await rig.block(1), await rig.block(2)]
    P.takeBlocks('busy')
    assert.deepEqual((await rig.submit(first)).result, OK)
    P.takeBlocks()
    assert.equal(P.tip.height, A.tip.height - 1, 'the daemon in use stands on the parent')
    assert.match((await rig.submit(second)).error.message, /^Block not accepted: it came too late, /)
    assert.deepEqual((await rig.submit(first)).result, OK, 'the first one is no less accepted')
    assert.equal(P.submitted.includes(second), false)
  }))

  test('on the parent of another one that was said to be taken, and is in no chain, gets its turn', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P) => {
    const [lost, good] = [await rig.block(1), await rig.block(2)]
    P.takeBlocks('lie')
    assert.deepEqual((await rig.submit(lost)).result, OK)
    P.takeBlocks()
    assert.deepEqual((await rig.submit(good)).result, OK)
    assert.equal(P.submitted.at(-1), good)
  }))

  test('on the parent of another one that was accepted is offered at once in mode single', LIMIT, onRig([{}, {}], {}, async (rig, P) => {
    const blobs = [await rig.block(1), await rig.block(2)]
    for (const blob of blobs) await rig.submit(blob)
    assert.deepEqual(P.submitted, blobs)
  }))

  test('on the parent of another one that nobody takes gets its turn', LIMIT, onRig(FOUR, REAL, async (rig, ...daemons) => {
    const [bad, good] = [await rig.block(1), await rig.block(2)]
    daemons.forEach(daemon => daemon.takeBlocks('refused'))
    const refused = rig.submit(bad)
    await rig.until(() => daemons.every(daemon => daemon.count('submitblock') === 1), 'all have been asked')
    const reply = rig.submit(good)
    daemons.forEach(daemon => daemon.takeBlocks())
    assert.equal((await refused).error.code, -7)
    assert.deepEqual((await reply).result, OK)
  }))

  test('is answered with the bytes of the daemon that took it', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const body = '{ "result": {"status":"OK", "odd": 1.0},  "id":"0" }'
    const blob = await rig.block()
    P.takeBlocks('body', body)
    assert.equal((await sim.call(rig.gateway, 'submitblock', [blob])).text, body)
    assert.equal((await sim.send(rig.gateway, { method: 'POST', path: '/json_rpc', body: JSON.stringify({ id: 1, method: 'submitblock', params: [blob] }) })).text,
      '{"id":1,"result":{"status":"OK", "odd": 1.0}}')
  }))

  test('goes on being offered when its submitter is gone, and when watching stops', LIMIT, onRig(FOUR, { pollingInterval: 60000 }, async (rig, P, ...others) => {
    const height = rig.network.tip.height + 1
    const blob = await rig.block()
    P.hang()
    await assert.rejects(rig.submit(blob, { timeout: 100 }))
    await rig.multiDaemon.stop()
    await rig.until(() => others.every(daemon => isInChain(daemon, height)), 'it is in the chain')
  }))

  test('a thousand at once are all answered, while daemons come and go', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const first = await rig.block()
    const thousand = Array.from({ length: 1000 }, (_, nonce) => blobs.withNonce(first, nonce))
    let flapping = true
    const flap = (async () => {
      while (flapping) for (const daemon of daemons.slice(1)) {
        await daemon.crash()
        await daemon.restart()
        await sleep(20)
      }
    })()
    const replies = await Promise.all(thousand.map(blob => rig.submit(blob)))
    flapping = false
    await flap
    assert.equal(replies.filter(({ result, error }) => result || error).length, 1000)
  }))

  test('by a call that names no block is the daemon\'s to judge', LIMIT, onRig(FOUR, {}, async rig => {
    assert.equal((await rig.ask('submitblock', [])).error.code, -1)
  }))
})
