'use strict'

// Events of a turtlecoind-ha. Without them, every test here would wait for the next poll by the clock, which is an hour away.

const assert = require('node:assert/strict')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const net = require('node:net')
const { describe, test } = require('node:test')
const { faults, SimNetwork } = require('../sim')
const { Ha } = require('./support/ha')
const { LIMIT, Pool } = require('./support/pool')
const { freePorts } = require('./support/ports')
const { until } = require('./support/until')

/**
 * Gives a test on a pool of four daemons whose primary has a turtlecoind-ha in front of it, which hears the pool already.
 * @param {{ password?: string, says?: string }} passwords  the server's, and what the pool takes for it
 * @param {(pool: Pool, ha: Ha, ...daemons: import('../sim').SimDaemon[]) => unknown} run
 */
const behindHa = ({ password, says = password }, run) => async () => {
  const network = await SimNetwork.start(4, { height: 50 })
  const ha = await new Ha({ password }).start()
  let pool
  try {
    const { host, port } = network.daemons[0]
    const first = { host, port, ha: { port: ha.port, password: says } }
    pool = new Pool(network, [first, ...network.daemons.slice(1)])
    await pool.multiDaemon.ready
    await until('a connection', () => says === password ? ha.insiders : ha.clients, count => count === 1 || (!password && ha.clients === 1))
    await run(pool, ha, ...network.daemons)
  } finally {
    if (pool) await pool.multiDaemon.stop()
    await ha.close()
    await network.close()
  }
}

/** Every warning of this process. */
const warnings = []
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))
const warningsOf = port => warnings.filter(text => text.includes(`:${port} `)).map(text => text.replace('MultiDaemonWarning: ', ''))

const heights = pool => pool.status.daemons.map(({ height }) => height)
const inUse = (pool, letter) => until(`${letter} is used`, () => pool.choice, choice => choice.endsWith(letter))
/** A verdict follows a poll, or a word that has one made: when is for the machine to say. */
const verdicts = (pool, wanted) => until(`the verdicts ${wanted}`, () => pool.verdicts, seen => seen === wanted)
/** Ends when the pool has asked P once more. */
const looks = P => P.seen('/info')

describe('turtlecoind-ha', { concurrency: 6 }, () => {
  for (const word of ['topblock', 'block']) {
    test(`${word}: a new block is seen on every daemon`, LIMIT, behindHa({}, async (pool, ha, P) => {
      const { height, hash } = P.network.mine()
      ha.say(word, word === 'block' ? { height, hash } : height)
      await until('the block on all of them', () => heights(pool), seen => seen.every(it => it === height))
      assert.equal(pool.status.head.hash, hash)
    }))
  }

  for (const word of ['down', 'stopped']) {
    test(`${word}: a daemon that fell is left`, LIMIT, behindHa({ password: 'right' }, async (pool, ha, P) => {
      await P.crash()
      ha.tell(word)
      await inUse(pool, 'A')
      await verdicts(pool, 'refused healthy healthy healthy')
    }))
  }

  test('desync: a daemon that is busy is left', LIMIT, behindHa({ password: 'right' }, async (pool, ha, P) => {
    P.busy()
    ha.tell('desync', { height: 1 })
    await inUse(pool, 'A')
  }))

  test('ready: a daemon that is back is healthy after two of them', LIMIT, behindHa({ password: 'right' }, async (pool, ha, P) => {
    await P.crash()
    await pool.rounds()
    assert.equal(pool.choice, 'multi A')
    await P.restart()
    for (const verdict of ['refused', 'healthy']) {
      const seen = looks(P)
      ha.tell('ready', { height: 1 })
      await seen
      await until('the verdict', () => pool.status.daemons[0], ({ consecutiveFailures, state, reason }) =>
        consecutiveFailures === 0 && (reason ? reason.code : state) === verdict)
    }
  }))

  test('events that lie have the daemon polled, and change nothing', LIMIT, behindHa({ password: 'right' }, async (pool, ha, P) => {
    const before = pool.events.length
    for (const [word, data] of [['down'], ['stopped'], ['desync', {}], ['topblock', 1e9], ['block', { height: 7, hash: 'f'.repeat(64) }]]) {
      const seen = looks(P)
      ha.tell(word, data)
      await seen
    }
    await pool.rounds()
    assert.equal(pool.verdicts, 'healthy healthy healthy healthy')
    assert.deepEqual(pool.events.slice(before), [])
  }))

  test('a block that was seen already costs no poll', LIMIT, behindHa({}, async (pool, ha, P) => {
    const polls = P.count('/info')
    ha.say('block', { height: P.tip.height, hash: P.tip.hash })
    const seen = looks(P)
    ha.say('topblock', P.tip.height)
    await seen
    assert.equal(P.count('/info'), polls + 1)
  }))

  test('of a flood of events, few have the daemon polled, and nobody else is', LIMIT, behindHa({}, async (pool, ha, P, A, B, C) => {
    await pool.rounds()
    const [polls, others, started] = [P.count('/info'), [A, B, C].map(daemon => daemon.count('/info')), performance.now()]
    for (let burst = 0; burst < 20; burst++) {
      // The first few are followed, whatever came before them.
      const next = burst < 5 ? looks(P) : new Promise(resolve => setTimeout(resolve, 100))
      for (let event = 0; event < 1000; event++) ha.say('topblock', event)
      await next
    }
    const [led, most] = [P.count('/info') - polls, 6 + (performance.now() - started) / 1000]
    assert.ok(led >= 5 && led <= most, `${led} polls`)
    assert.deepEqual([A, B, C].map(daemon => daemon.count('/info')), others)
  }))

  test('with a wrong password blocks are heard all the same, and the operator is told', LIMIT,
    behindHa({ password: 'right', says: 'wrong' }, async (pool, ha, P) => {
      await until('a warning', () => warningsOf(ha.port), texts => texts.length > 0)
      assert.deepEqual(warningsOf(ha.port), [`turtlecoind-ha at 127.0.0.1:${ha.port} does not take the password`])
      assert.equal(ha.insiders, 0)
      const { height } = P.network.mine()
      ha.say('topblock', height)
      await until('the block', () => heights(pool)[0], seen => seen === height)
    }))

  test('a server that is started again is heard again', LIMIT, behindHa({}, async (pool, ha, P) => {
    const { port } = ha
    await ha.close()
    await ha.start({ port })
    await until('another connection', () => ha.clients, count => count === 1)
    const { height } = P.network.mine()
    ha.say('topblock', height)
    await until('the block', () => heights(pool)[0], seen => seen === height)
  }))

  test('stop() hangs up', LIMIT, behindHa({}, async (pool, ha) => {
    await pool.multiDaemon.stop()
    await until('nobody is there', () => ha.clients, count => count === 0)
  }))

  /** A pool whose primary has something else in front of it than a turtlecoind-ha. @param {(socket: net.Socket) => void} serve */
  const behindSomethingElse = (serve, reason) => async () => {
    const network = await SimNetwork.start(4, { height: 50 })
    const [{ host, port }, ...others] = network.daemons
    const server = net.createServer(socket => {
      socket.on('error', () => {})
      serve(socket)
    })
    // A port that was given up may be somebody else's a moment later, unless it is one that the system gives to nobody.
    const ha = serve ? await listen(server) : (await freePorts(1))[0]
    const pool = new Pool(network, [{ host, port, ha: { port: ha } }, ...others], { pollingInterval: 50 })
    try {
      await until('a warning', () => warningsOf(ha), texts => texts.length > 0)
      await pool.multiDaemon.ready
      assert.deepEqual(warningsOf(ha), [`turtlecoind-ha at 127.0.0.1:${ha} cannot be heard: ${reason}; its daemon is polled as usual`])
      await verdicts(pool, 'healthy healthy healthy healthy')
      network.daemons[0].behave(faults.reset)
      await inUse(pool, 'A')
    } finally {
      await pool.multiDaemon.stop()
      if (serve) await new Promise(resolve => server.close(resolve))
      await network.close()
    }
  }

  const listen = async server => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server.address().port
  }

  const answering = answer => socket => socket.once('data', () => socket.end(answer))
  /** Takes the connection for a WebSocket's, and then says this. */
  const afterHandshake = say => socket => socket.once('data', data => {
    const [, key] = /sec-websocket-key: (.*)\r\n/i.exec(data)
    const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    say(socket)
  })
  const HUGE = Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0])
  const table = [
    ['nobody', null, 'connection refused'],
    ['another web server', answering('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), 'HTTP status 404'],
    ['a daemon', answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'), 'HTTP status 200'],
    ['another protocol', answering('SSH-2.0-OpenSSH_9.6\r\n'), 'WebSocket protocol error: httparse error: invalid HTTP version'],
    ['one that hangs up', answering(''), 'WebSocket protocol error: Handshake not finished'],
    ['a WebSocket server that does not know the key',
      answering('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n'),
      'WebSocket protocol error: Key mismatch in "Sec-WebSocket-Accept" header'],
    ['another WebSocket server', afterHandshake(socket => socket.write(Buffer.from([0x81, 5, ...Buffer.from('hello')]))), 'the server does not speak socket.io 2'],
    ['a WebSocket server with huge frames', afterHandshake(socket => socket.write(HUGE)), 'Space limit exceeded: Message too long: 1099511627776 > 262144']
  ]
  for (const [name, serve, reason] of table) {
    test(`${name} in its place costs a warning, and the daemon is watched by the clock`, LIMIT, behindSomethingElse(serve, reason))
  }
})
