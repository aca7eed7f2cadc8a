'use strict'

// Answers of simulated daemons whose words are true and whose frame is not.

const assert = require('node:assert/strict')
const http = require('node:http')
const { describe, test } = require('node:test')
const { gunzipSync } = require('node:zlib')
const { faults, until } = require('../sim')
const { LIMIT, ask, askForWork, receive, send, submit, withNetwork } = require('./support/sim')

/** A test with a daemon that behaves badly, and the text that it would answer otherwise. */
const withFault = (fault, run) => withNetwork(1, async (network, daemon) => {
  const { text: truth } = await send(daemon)
  daemon.behave(fault)
  await run(daemon, truth)
})

const lengthIn = head => Number(/^content-length: (\d+)$/im.exec(head)[1])

describe('the frame of an answer', () => {
  test('half of it comes, and the connection ends', LIMIT, () => withFault(faults.half, async (daemon, truth) => {
    const { head, body, isEnded } = await receive(daemon)
    assert.deepEqual([lengthIn(head), body, isEnded], [truth.length, truth.slice(0, Math.ceil(truth.length / 2)), true])
    await assert.rejects(send(daemon), { code: 'ECONNRESET' })
  }))

  test('fewer bytes come than were announced, and the connection stays open', LIMIT, () => withFault(faults.shorter(10), async (daemon, truth) => {
    const { head, body, isEnded } = await receive(daemon, { isOver: text => text.endsWith(truth) })
    assert.deepEqual([lengthIn(head), body, isEnded], [truth.length + 10, truth, false])
    await assert.rejects(send(daemon, { timeout: 100 }), { code: 'TIMEOUT' })
  }))

  test('more bytes come than were announced', LIMIT, () => withFault(faults.longer('HTTP/1.1 200 OK\r\n'), async (daemon, truth) => {
    const { head, body } = await receive(daemon, { isOver: text => text.endsWith('200 OK\r\n') })
    assert.deepEqual([lengthIn(head), body], [truth.length, truth + 'HTTP/1.1 200 OK\r\n'])
  }))

  test('it is compressed, though nobody asked for that', LIMIT, () => withFault(faults.gzip, async (daemon, truth) => {
    const { headers, bytes, type } = await send(daemon)
    assert.deepEqual([headers['content-encoding'], Number(headers['content-length']), type], ['gzip', bytes.length, 'application/json'])
    assert.equal(gunzipSync(bytes).toString(), truth)
  }))

  test('it comes in chunks', LIMIT, () => withFault(faults.chunked, async (daemon, truth) => {
    const { headers, text } = await send(daemon)
    assert.deepEqual([headers['transfer-encoding'], headers['content-length'], text], ['chunked', undefined, truth])
  }))

  test('it comes in chunks, and something after the last one', LIMIT, () => withFault(faults.chunkedWithGarbage('garbage'), async (daemon, truth) => {
    const { body } = await receive(daemon, { isOver: text => text.endsWith('garbage') })
    assert.ok(body.endsWith('\r\n0\r\n\r\ngarbage'))
    assert.equal((await send(daemon)).text, truth)
  }))

  test('it ends with the connection, and tells no length', LIMIT, () => withFault(faults.untilClose, async (daemon, truth) => {
    const { head, body, isEnded } = await receive(daemon)
    assert.doesNotMatch(head, /content-length|transfer-encoding/i)
    assert.deepEqual([body, isEnded], [truth, true])
    assert.equal((await send(daemon)).text, truth)
  }))

  test('a connection that is kept goes on after one that was well framed', LIMIT, () => withFault(faults.chunked, async daemon => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    for (let times = 0; times < 3; times++) assert.equal((await send(daemon, { agent })).status, 200)
    assert.equal(daemon.accepted, 2)
    agent.destroy()
    await until(() => daemon.connections === 0, { what: 'it is closed' })
  }))
})

describe('a request is done', () => {
  const blob = async daemon => (await askForWork(daemon)).result.blocktemplate_blob

  test('at once, and answered late', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const block = await blob(daemon)
    daemon.behave(faults.late(300))
    const start = performance.now()
    const answer = submit(daemon, block)
    await until(() => daemon.tip.height === 51, { what: 'it is done' })
    assert.ok(performance.now() - start < 295)
    assert.equal((await answer).result.status, 'OK')
    assert.ok(performance.now() - start >= 295)
  }))

  test('and not answered', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const block = await blob(daemon)
    daemon.behave(faults.lost)
    await assert.rejects(submit(daemon, block), { code: 'ECONNRESET' })
    assert.equal(daemon.tip.height, 51)
  }))

  for (const [name, fault] of Object.entries({ half: faults.half, truncated: faults.truncated, gzip: faults.gzip, drip: faults.drip(1) })) {
    test(`before its answer is spoilt: ${name}`, LIMIT, () => withNetwork(1, async (network, daemon) => {
      const block = await blob(daemon)
      daemon.behave(faults.only('submitblock', fault))
      await submit(daemon, block).catch(() => {})
      assert.equal(daemon.tip.height, 51)
      assert.equal((await ask(daemon, 'getblockcount')).result.count, 52)
    }, { addTime: 20 }))
  }
})
