'use strict'

// The simulated network answers like the daemons it stands for, and its faults do what they say: what every other test
// here relies on.

const assert = require('node:assert/strict')
const http = require('node:http')
const { describe, test } = require('node:test')
const { SimNetwork, faults, until } = require('../sim')
const { LIMIT, ask, askForWork, call, header, info, recordings, replay, send, shape, submit, withNetwork } = require('./support/sim')

describe('replies are those of the real daemon', () => {
  const folders = { 'turtlecoin-0.28.3': 'turtlecoin-0.28.3', 'turtlecoin-1.0': 'turtlecoin-1.0.1', monerod: 'monerod-0.18.0' }
  for (const [dialect, folder] of Object.entries(folders)) {
    for (const [name, recorded] of recordings(folder)) {
      test(`${folder}: ${name}`, LIMIT, () => withNetwork([{ dialect }], async (network, daemon) => {
        const reply = await replay(daemon, recorded)
        assert.equal(reply.status, recorded.status)
        assert.equal(reply.type, recorded.contentType)
        if (recorded.body === '') return assert.equal(reply.text, '')
        const body = JSON.parse(reply.text)
        assert.deepEqual(shape(body), shape(recorded.body))
        if (body.error) assert.deepEqual(withoutNumbers(body), withoutNumbers(recorded.body))
      }))
    }
  }

  /** Errors are equal word by word, but for the heights in them. */
  const withoutNumbers = body => JSON.parse(JSON.stringify(body).replace(/height: \d+/g, 'height: N').replace(/height: N greater.*?"/, 'height: N"'))

  test('turtlecoin-legacy: other paths, an id in replies, an error for an unknown method', LIMIT, () =>
    withNetwork([{ dialect: 'turtlecoin-legacy' }], async (network, daemon) => {
      assert.equal((await send(daemon, { path: '/info' })).status, 404)
      const info = JSON.parse((await send(daemon, { path: '/getinfo' })).text)
      assert.equal(info.height, 51)
      assert.equal('upgrade_heights' in info, false)
      assert.deepEqual(JSON.parse((await call(daemon, 'nosuchmethod', {})).text),
        { error: { code: -32601, message: 'Method not found' }, id: '0', jsonrpc: '2.0' })
      assert.equal(JSON.parse((await call(daemon, 'getblockcount', {})).text).id, '0')
    }))
})

test('nonsense in a request ends nothing', LIMIT, () => withNetwork(['turtlecoin-0.28.3', 'turtlecoin-legacy', 'monerod'].map(dialect => ({ dialect })),
  async (network, ...daemons) => {
    for (const daemon of daemons) {
      for (const body of ['null', '7', '[]', '{"method":"getblockheaderbyheight","params":null}', '{"method":"getblockheaderbyheight","params":{"height":"x"}}']) {
        await send(daemon, { method: 'POST', path: '/json_rpc?x=1', body })
      }
      assert.equal(daemon.count(), 5)
      assert.ok(JSON.parse((await call(daemon, 'getblockheaderbyheight', { height: -1 })).text).error)
    }
  }))

describe('what only one family can be asked', () => {
  test('monerod lists its connections, unless it is restricted', LIMIT, () =>
    withNetwork([{ dialect: 'monerod' }, { dialect: 'monerod', restricted: true }], async (network, open, restricted) => {
      const { connections } = (await ask(open, 'get_connections')).result
      assert.deepEqual([connections.length, connections.filter(({ incoming }) => incoming).length], [20, 12])
      assert.equal(JSON.parse((await call(restricted, 'get_connections')).text).error.code, -32601)
      const hidden = JSON.parse((await send(restricted, { path: '/get_info' })).text)
      assert.deepEqual([hidden.restricted, hidden.incoming_connections_count, hidden.outgoing_connections_count], [true, 0, 0])
    }))

  test('TurtleCoind 1.0 gives a block by height and by hash', LIMIT, () => withNetwork([{ dialect: 'turtlecoin-1.0' }], async (network, daemon) => {
    const wanted = network.tip.ancestor(48)
    for (const name of [wanted.height, wanted.hash]) {
      const block = JSON.parse((await send(daemon, { path: `/block/${name}` })).text)
      assert.deepEqual([block.hash, block.prevHash, block.height, block.depth], [wanted.hash, wanted.prevHash, 48, 2])
    }
    assert.equal((await send(daemon, { path: `/block/${'0'.repeat(64)}` })).status, 404)
  }))

  test('a monerod takes the template that it gave', LIMIT, () => withNetwork([{ dialect: 'monerod' }], async (network, daemon) => {
    const template = (await askForWork(daemon)).result
    assert.equal((await submit(daemon, template.blocktemplate_blob)).result.status, 'OK')
    assert.equal(daemon.tip.height, 51)
  }))
})

describe('the chain', () => {
  test('info counts blocks and headers give indexes', LIMIT, () => withNetwork(1, async (network, daemon) => {
    assert.equal((await info(daemon)).height, 51)
    assert.equal((await header(daemon)).height, 50)
    assert.equal((await header(daemon)).hash, network.tip.hash)
  }))

  test('headers are linked by prev_hash down to genesis', LIMIT, () => withNetwork(1, async (network, daemon) => {
    let { hash, height } = await header(daemon)
    for (; height >= 0; height--) {
      const { result } = JSON.parse((await call(daemon, 'getblockheaderbyhash', { hash })).text)
      assert.equal(result.block_header.height, height)
      hash = result.block_header.prev_hash
    }
    assert.equal(hash, '0'.repeat(64))
  }, { height: 5 }))

  test('the same seed gives the same hashes, another genesis another network', LIMIT, () => {
    const tips = [{}, {}, { seed: 2 }, { genesis: 'other' }].map(options => new SimNetwork({ height: 5, ...options }).mine(2).hash)
    assert.equal(tips[0], tips[1])
    assert.equal(new Set(tips).size, 3)
  })

  test('a block reaches everybody', LIMIT, () => withNetwork(3, (network, ...daemons) => {
    const tip = network.mine(2)
    assert.equal(tip.height, 52)
    for (const daemon of daemons) assert.equal(daemon.tip, tip)
  }))

  test('a partition mines branches and healing reorganises the shorter', LIMIT, () => withNetwork(3, (network, a, b, c) => {
    network.partition(a)
    network.mine(2, { on: a })
    network.mine(3, { on: [b, c] })
    const [left, right] = [a.tip, b.tip]
    assert.equal(left.commonWith(right).height, 50)
    network.mine()
    assert.deepEqual([a.tip.height, b.tip.height, c.tip.height], [53, 54, 54])
    network.heal()
    assert.equal(a.tip, b.tip)
    assert.equal(a.chain.byHash(left.hash), left)
    assert.equal(a.chain.isOrphan(left), true)
  }))

  test('at equal work everybody keeps the block that came first', LIMIT, () => withNetwork(2, (network, a, b) => {
    network.mine(1, { on: a })
    network.mine(1, { on: b })
    network.heal()
    assert.notEqual(a.tip, b.tip)
    const end = network.mine()
    assert.equal(a.tip, end)
    assert.equal(b.tip, end)
  }))

  test('a submitted template becomes the next block everywhere, and is accepted again', LIMIT, () => withNetwork(2, async (network, a, b) => {
    const template = (await askForWork(a)).result
    assert.equal(template.height, 51)
    for (let times = 0; times < 2; times++) assert.equal((await submit(a, template.blocktemplate_blob)).result.status, 'OK')
    assert.equal(b.tip.height, 51)
    assert.equal(b.tip.parent.height, 50)
    assert.equal(a.submitted.length, 2)
  }))

  test('mining by the clock goes on until it is stopped', LIMIT, () => withNetwork(1, async (network, daemon) => {
    network.startMining(10)
    await until(() => daemon.tip.height >= 53, { what: 'three blocks' })
    network.stopMining()
    assert.ok(Math.abs(daemon.tip.timestamp - Date.now() / 1000) < 5)
  }, { jitter: 0.5 }))
})

describe('faults of the chain', () => {
  test('a frozen daemon answers and stands still', LIMIT, () => withNetwork(3, async (network, well, still, rising) => {
    still.freeze()
    rising.freeze({ networkHeight: 'rising' })
    network.mine(2)
    assert.deepEqual([(await info(still)).height, (await info(still)).network_height, (await info(still)).synced], [51, 51, true])
    assert.deepEqual([(await info(rising)).height, (await info(rising)).network_height, (await info(rising)).synced], [51, 53, false])
    still.thaw()
    assert.equal(still.tip, well.tip)
  }))

  test('a lagging daemon tells an older block of the same chain', LIMIT, () => withNetwork(2, async (network, well, slow) => {
    slow.lag(4)
    network.mine()
    assert.equal((await header(slow)).hash, well.tip.ancestor(47).hash)
    slow.lag(0)
    assert.equal((await header(slow)).hash, well.tip.hash)
  }))

  test('a liar tells blocks that nobody knows, far above all others', LIMIT, () => withNetwork(2, async (network, well, liar) => {
    liar.lie()
    const told = await header(liar)
    assert.equal(told.height, 1000050)
    assert.equal(well.chain.byHash(told.hash), null)
    assert.equal((await info(liar)).synced, true)
    network.mine()
    assert.equal((await header(liar)).prev_hash, told.hash)
  }))

  test('a poisoned network height stays', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.poison(1000)
    await daemon.recover()
    assert.deepEqual([(await info(daemon)).network_height, (await info(daemon)).synced], [1051, false])
  }))

  test('a busy core refuses headers with error -9', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.busy()
    assert.deepEqual(JSON.parse((await call(daemon, 'getlastblockheader')).text).error, { message: 'Core is busy', code: -9 })
    assert.equal((await info(daemon)).height, 51)
  }))

  test('an isolated group has connections among itself only', LIMIT, () => withNetwork(3, async (network, daemon) => {
    network.isolate()
    const { incoming_connections_count: incoming, outgoing_connections_count: outgoing } = await info(daemon)
    assert.deepEqual([incoming, outgoing], [2, 2])
  }))
})

describe('faults of the connection', () => {
  test('a crashed daemon refuses, ends what is open, and comes back on its port with the blocks it missed', LIMIT, () =>
    withNetwork(2, async (network, crashed, well) => {
      const port = crashed.port
      crashed.hang()
      const waiting = send(crashed).catch(error => error.code)
      await crashed.seen('/info')
      await crashed.crash()
      assert.equal(await waiting, 'ECONNRESET')
      await assert.rejects(send(crashed), { code: 'ECONNREFUSED' })
      network.mine()
      await crashed.recover()
      assert.equal(crashed.port, port)
      assert.equal((await header(crashed)).hash, well.tip.hash)
    }))

  test('a hanging daemon accepts, and answers when it recovers', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.hang()
    await assert.rejects(send(daemon, { timeout: 50 }), { code: 'TIMEOUT' })
    const seen = daemon.seen('/info')
    const waiting = send(daemon)
    await seen
    assert.ok(daemon.connections > 0)
    await daemon.recover()
    assert.equal((await waiting).status, 200)
  }))

  test('a reset ends the connection without an answer', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.reset)
    await assert.rejects(send(daemon), { code: 'ECONNRESET' })
  }))

  test('a slow daemon answers truly, and late', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.slow(100))
    const start = performance.now()
    assert.equal((await info(daemon)).height, 51)
    assert.ok(performance.now() - start >= 95)
  }))

  test('every second poll fails with both of its tries', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.everySecondPoll(faults.status(500)))
    const statuses = []
    for (let tries = 0; tries < 6; tries++) statuses.push((await send(daemon)).status)
    assert.deepEqual(statuses, [200, 500, 500, 200, 500, 500])
    assert.equal((await header(daemon)).height, 50)
  }))

  test('a fault may concern one method alone', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.only('getlastblockheader', faults.status(503)))
    assert.equal((await call(daemon, 'getlastblockheader')).status, 503)
    assert.equal((await send(daemon)).status, 200)
  }))

  test('a test may bring a fault of its own', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(({ response }) => response.end('hello'))
    assert.equal((await send(daemon)).text, 'hello')
  }))
})

describe('hostile bodies', () => {
  const replyTo = (fault, check) => () => withNetwork(1, async (network, daemon) => {
    daemon.behave(fault)
    check(await send(daemon))
  })

  test('HTML', LIMIT, replyTo(faults.html, ({ status, type, text }) => {
    assert.deepEqual([status, type, text.startsWith('<!DOCTYPE')], [200, 'text/html', true])
  }))
  test('a redirect', LIMIT, replyTo(faults.redirect('http://192.0.2.1/'), ({ status, location }) => {
    assert.deepEqual([status, location], [302, 'http://192.0.2.1/'])
  }))
  test('truncated JSON', LIMIT, replyTo(faults.truncated, ({ text }) => {
    assert.equal(text[0], '{')
    assert.throws(() => JSON.parse(text))
  }))
  test('a negative height', LIMIT, replyTo(faults.negativeHeight, ({ text }) => assert.equal(JSON.parse(text).height, -51)))
  test('50 MB', LIMIT, replyTo(faults.huge(), ({ text }) => assert.ok(text.length > 50 * 1024 * 1024)))

  test('dripping bytes, and nothing goes on when the client has left', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.drip(5))
    const request = http.get({ host: daemon.host, port: daemon.port, path: '/info', agent: false })
    request.on('error', () => {})
    await new Promise(resolve => request.on('response', response => {
      let received = 0
      response.on('data', chunk => {
        received += chunk.length
        if (received >= 3) resolve()
      })
      response.on('error', () => {})
    }))
    request.destroy()
    await until(() => daemon.connections === 0, { what: 'the connection has ended' })
  }))

  test('headers without end', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.behave(faults.endlessHeaders)
    await assert.rejects(send(daemon), { code: 'HPE_HEADER_OVERFLOW' })
    await until(() => daemon.connections === 0, { what: 'the connection has ended' })
  }))
})

describe('what a test can ask', () => {
  test('requests are counted by path and method', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    await send(daemon, { agent })
    await send(daemon, { agent })
    await call(daemon, 'getblockcount')
    assert.deepEqual(daemon.counts(), { '/info': 2, getblockcount: 1 })
    assert.equal(daemon.count(), 3)
    assert.equal(daemon.accepted, 2)
    agent.destroy()
    await until(() => daemon.connections === 0, { what: 'no open connection' })
  }))

  test('seen() waits for requests, and not for ever', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const seen = daemon.seen('getblockcount', { times: 2 })
    await call(daemon, 'getblockcount')
    await call(daemon, 'getblockcount')
    await seen
    await assert.rejects(daemon.seen('/info', { timeout: 20 }), /has not seen \/info 1 times within 20 ms/)
  }))

  test('a daemon that is just starting is closed all the same', LIMIT, () => withNetwork(1, async (network, daemon) => {
    await daemon.crash()
    const started = daemon.restart()
    await network.close()
    await started
    assert.equal(daemon.down, true)
    await assert.rejects(send(daemon), { code: 'ECONNREFUSED' })
  }))

  test('close() leaves nothing open, whatever is going on', LIMIT, async () => {
    const before = process.getActiveResourcesInfo()
    const network = await SimNetwork.start(4)
    network.startMining(5)
    network.daemons[0].hang()
    network.daemons[1].behave(faults.huge())
    network.daemons[2].behave(faults.drip(5))
    network.daemons[3].behave(faults.endlessHeaders)
    const failures = network.daemons.map(daemon => Promise.all([daemon.seen('/info'), send(daemon, { timeout: 0 }).catch(error => error.code)]))
    await Promise.all(network.daemons.map(daemon => until(() => daemon.count() > 0, { what: 'a request' })))
    await network.close()
    await Promise.all(failures)
    const open = () => process.getActiveResourcesInfo().filter(kind => /TCP/.test(kind)).length
    await until(() => open() <= before.filter(kind => /TCP/.test(kind)).length, { what: 'no socket is left' })
    for (const daemon of network.daemons) assert.deepEqual([daemon.down, daemon.connections], [true, 0])
  })
})
