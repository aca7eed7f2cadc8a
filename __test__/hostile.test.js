'use strict'

// Daemons that answer nonsense, too much, too slowly or by other rules: they are found, and nobody else suffers.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { faults, until } = require('../sim')
const { inChild } = require('./support/child')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')

const INFO = '/info'
const HEADER = 'getlastblockheader'
/** The true info, changed. */
const info = change => faults.only(INFO, faults.rewrite(body => ({ ...body, ...change })))
/** The true top header, changed. */
const header = change => faults.only(HEADER, faults.rewrite(({ result, ...rest }) =>
  ({ ...rest, result: { ...result, block_header: { ...result.block_header, ...change } } })))
/** The true info with one number replaced by text that no JavaScript number would become. */
const infoText = (member, text) => faults.only(INFO, exchange => {
  const { body, ...reply } = exchange.truth()
  exchange.send({ ...reply, body: JSON.stringify(body).replace(new RegExp(`"${member}":\\d+`), `"${member}":${text}`) })
})
const nested = (open, close) => faults.answer(open.repeat(100000) + '1' + close.repeat(100000))

const INVALID = {
  HTML: faults.html,
  '50 MB': faults.huge(),
  'truncated JSON': faults.truncated,
  'a negative height': faults.negativeHeight,
  'an empty body': faults.answer(''),
  'null': faults.answer('null'),
  'a list': faults.answer('[]'),
  'bytes that are no UTF-8': ({ response }) => response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
  '100,000 nested lists': nested('[', ']'),
  '100,000 nested objects': nested('{"a":', '}'),
  '1,000 nested lists for a hash': header({ hash: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) }),
  'a height that is text': info({ height: '51' }),
  'a height that is a list': info({ height: [51] }),
  'no height': info({ height: undefined }),
  'a height of 0': info({ height: 0 }),
  'a fractional height': info({ height: 51.5 }),
  'a height of 1e400': infoText('height', '1e400'),
  'a height of 2^64': infoText('height', '18446744073709551616'),
  'a height of 2^64 - 1': infoText('height', '18446744073709551615'),
  'a height with 100,000 digits': infoText('height', '9'.repeat(100000)),
  'a top block at 2^64 - 1': faults.only(HEADER, exchange => {
    const { body, ...reply } = exchange.truth()
    exchange.send({ ...reply, body: JSON.stringify(body).replace(/"height":\d+/, '"height":18446744073709551615') })
  }),
  'a top block at a negative height': header({ height: -1 }),
  'a hash that is too short': header({ hash: 'ab'.repeat(31) }),
  'a hash that is too long': header({ hash: 'ab'.repeat(33) }),
  'a hash that is not hexadecimal': header({ hash: 'xy'.repeat(32) }),
  'a hash that is a number': header({ hash: 7 }),
  'no hash of the block before': header({ prev_hash: undefined }),
  'no block at all': faults.only(HEADER, faults.answer({ jsonrpc: '2.0', result: { status: 'OK' } })),
  'headers without end': faults.endlessHeaders,
  'something that is not HTTP': ({ request }) => request.socket.end('220 mail.example ESMTP\r\n')
}
const UNRESPONSIVE = {
  'a redirect': ['http-status', faults.redirect('http://192.0.2.1/')],
  'status 500': ['http-status', faults.status(500)],
  'status 401': ['http-status', faults.status(401)],
  'a reset': ['reset', faults.reset],
  'an end in the middle': ['reset', ({ response, request }) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('{"height":')
    setImmediate(() => request.socket.destroy())
  }]
}
/** Only these take as long as the time limit, which has to be short for them. */
const LATE = {
  'no answer': faults.hang,
  'a slow answer': faults.slow(5000),
  'one byte a second': faults.drip(1000),
  'an answer without end': ({ response }) => response.write('{'),
  'headers without end, one at a time': ({ request }) => request.socket.write('HTTP/1.1 200 OK\r\n')
}

/** Unlike what daemons send, but HTTP and JSON all the same. */
const VALID = {
  'an answer in many pieces without a length': exchange => {
    const text = JSON.stringify(exchange.truth().body)
    for (let start = 0; start < text.length; start += 10) exchange.response.write(text.slice(start, start + 10))
    exchange.response.end()
  },
  'an answer that ends with its connection': exchange => {
    exchange.request.socket.end(`HTTP/1.0 200 OK\r\n\r\n${JSON.stringify(exchange.truth().body)}`)
  },
  'a connection for every request': exchange => {
    exchange.response.setHeader('Connection', 'close')
    exchange.send()
  },
  'another content type': exchange => exchange.send({ ...exchange.truth(), type: 'text/html; charset=koi8-r' }),
  'members that nobody knows': faults.rewrite(body => ({ first: { nested: [1, null] }, ...body, last: 'z'.repeat(10000) })),
  'white space around everything': exchange => {
    const { body, ...reply } = exchange.truth()
    exchange.send({ ...reply, body: `\r\n\t ${JSON.stringify(body, null, 8)} \n` })
  }
}

describe('hostile daemons', { concurrency: 8 }, () => {
  test('scenario 22: memory stays bounded', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const config = configOf(network.daemons)
    C.behave(faults.huge())
    // 8 polls of two tries each: 800 MB, if they were read.
    const { report, code } = await inChild(async (report, config, polls) => {
      const { MultiDaemon } = require('.')
      const before = process.memoryUsage().rss
      let most = before
      const pool = new MultiDaemon(config)
      for (let poll = 0; poll < polls; poll++) {
        const sampling = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 2)
        await pool.refresh()
        clearInterval(sampling)
      }
      report({ growth: Math.max(most, process.memoryUsage().rss) - before, verdict: pool.getStatus().daemons[3].reason.code })
      await pool.stop()
    }, { args: [config, 8] })
    assert.equal(code, 0)
    assert.equal(report.verdict, 'invalid-reply')
    assert.ok(report.growth < 40 * 1024 * 1024, `${report.growth} bytes`)
  }))

  test('the event loop of the pool has nothing to do with them', LIMIT, onNetwork(10, async (network, ...daemons) => {
    const hostile = [
      faults.html, faults.huge(), faults.endlessHeaders, faults.drip(1000), faults.hang, nested('[', ']'),
      faults.answer(`[${'[],'.repeat(300000)}[]]`)
    ]
    hostile.forEach((fault, index) => daemons[3 + index].behave(fault))
    const { report } = await inChild(async (report, config) => {
      const { performance } = require('perf_hooks')
      const pool = new (require('.').MultiDaemon)(config)
      await pool.ready
      const before = performance.eventLoopUtilization()
      for (let poll = 0; poll < 2; poll++) await pool.refresh()
      const { utilization } = performance.eventLoopUtilization(before)
      report({ utilization, states: pool.getStatus().daemons.map(({ state }) => state).join(' '), healthy: pool.getStatus().healthy })
      await pool.stop()
    }, { args: [configOf(daemons, { timeout: 700 })] })
    assert.equal(report.healthy, 3)
    assert.equal(report.states.replace(/unhealthy|unresponsive/g, 'bad'), 'healthy healthy healthy' + ' bad'.repeat(7))
    assert.ok(report.utilization < 0.5, `${report.utilization} of its time`)
  }))

  for (const [what, fault] of Object.entries(INVALID)) {
    test(`${what} is an invalid reply`, LIMIT, onHostile({}, fault, { code: 'invalid-reply', state: 'unhealthy' }))
  }
  for (const [what, [code, fault]] of Object.entries(UNRESPONSIVE)) {
    test(`${what} is ${code}`, LIMIT, onHostile({}, fault, { code, state: 'unresponsive' }))
  }
  for (const [what, fault] of Object.entries(LATE)) {
    test(`${what} is a timeout`, LIMIT, onHostile({ timeout: 700 }, fault, { code: 'timeout', state: 'unresponsive' }))
  }

  for (const [what, fault] of Object.entries(VALID)) {
    test(`${what} is no reason`, LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
      C.behave(fault)
      pool.network.mine()
      await pool.rounds(3)
      assert.equal(pool.everBad, '')
      assert.equal(pool.status.daemons[3].hash, C.tip.hash)
    }))
  }

  test('a daemon that hangs up after every poll is healthy', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    let ended = 0
    C.behave(exchange => {
      const { socket } = exchange.request
      if (exchange.key === HEADER) exchange.response.on('finish', () => socket.end(() => { ended++ }))
      exchange.send()
    })
    for (let round = 1; round <= 4; round++) {
      await pool.rounds()
      await until(() => ended >= round, { what: 'the connection has ended' })
    }
    assert.equal(pool.everBad, '')
    assert.equal(pool.status.daemons[3].consecutiveFailures, 0)
  }))

  test('scenario 22: C answers one nonsense after the other, and is healthy again two polls later', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    for (const fault of [faults.html, faults.huge(), faults.truncated, faults.negativeHeight]) {
      C.behave(fault)
      pool.network.mine()
      await pool.rounds()
      assert.equal(pool.verdicts, 'healthy healthy healthy invalid-reply')
    }
    await C.recover()
    await pool.rounds(2)
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.equal(pool.everBad, 'C')
    assert.equal(pool.path, 'P')
  }))

  test('a redirect is not followed', LIMIT, onPool(5, {}, async (pool, P, A, B, C, target) => {
    C.behave(faults.redirect(`http://${target.address}/info`))
    const before = target.count()
    await pool.rounds()
    assert.equal(pool.status.daemons[3].reason.code, 'http-status')
    // Its own poll.
    assert.equal(target.count() - before, 2)
  }))

  test('an upper-case hash is the same hash', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    C.behave(faults.rewrite(body => JSON.parse(JSON.stringify(body).replace(/"[0-9a-f]{64}"/g, hash => hash.toUpperCase()))))
    pool.network.mine(2)
    await pool.rounds(3)
    assert.equal(pool.everBad, '')
    assert.equal(pool.status.daemons[3].hash, C.tip.hash)
  }))

  test('an info that claims 2^64 - 1 as the height of the network costs nobody anything', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    C.behave(infoText('network_height', '18446744073709551615'))
    await pool.rounds(2)
    assert.equal(pool.verdicts.startsWith('healthy healthy healthy '), true)
    assert.equal(pool.choice, 'multi P')
  }))

  test('the reason of an invalid reply is one short line, whatever was sent', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
    C.behave(info({ height: '\n\u0007\u202e<script>' + 'z'.repeat(100000) }))
    await pool.rounds()
    const { message } = pool.status.daemons[3].reason
    assert.ok(message.length < 400, `${message.length} characters`)
    assert.doesNotMatch(message, /[\u0000-\u001f\u007f\u202e]/)
  }))
})

/** C shows the fault from the first poll on; it is found by that poll, and the others are untouched. */
function onHostile (options, fault, expected) {
  return onPool(4, options, async (pool, P, A, B, C) => {
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    C.behave(fault)
    pool.network.mine()
    await pool.rounds()
    const [{ state, reason }] = pool.status.daemons.slice(3)
    assert.deepEqual({ code: reason && reason.code, state }, expected, reason && reason.message)
    assert.equal(pool.everBad, 'C')
    assert.equal(pool.choice, 'multi P')
  })
}
