'use strict'

const assert = require('assert')

const createRpc = require('../lib/rpc')
const { JsonRpcServer, does, settled, viewOf } = require('./support/json-rpc-server')
const test = require('./support/runner')

/** Long enough never to be met: where a test asks for an answer, it can only have come from elsewhere. */
const AMPLE = 100000

const READS = [
  'getblocktemplate', 'getlastblockheader', 'getblockheaderbyheight', 'getblockheaderbyhash', 'getblockcount', 'getinfo',
  'get_block_template', 'get_last_block_header', 'get_block_header_by_height', 'get_block_header_by_hash', 'get_block_count', 'get_info'
]

/** A client of one daemon for each behaviour, the first of them in use. */
async function withDaemons (behaviours, body, options, changes) {
  const servers = await Promise.all(behaviours.map(behave => JsonRpcServer.listen(behave)))
  const view = viewOf(servers.map(server => server.daemon), changes)
  const client = createRpc(view, Object.assign({ rpcTimeout: AMPLE, hedgeAfter: AMPLE }, options))
  try {
    await body(client, servers, view)
  } finally {
    client.close()
    await Promise.all(servers.map(server => server.close()))
  }
}

const callsOf = servers => servers.map(server => server.calls.length)
const good = does.answer({ height: 2 })

for (const method of READS) {
  test(`${method} goes to the next good daemon when the first fails, once`, () => {
    return withDaemons([does.reset(), good, good], async ({ rpc }, servers, view) => {
      assert.deepStrictEqual(await rpc(method, {}), { height: 2 })
      assert.deepStrictEqual(callsOf(servers), [1, 1, 0])
      assert.deepStrictEqual(view.suspected, [servers[0].daemon])
    })
  })
}

const failures = [
  ['closes the connection', does.reset()],
  ['breaks off', does.cutBody()],
  ['does not answer in time', does.hang(), 200],
  ['answers with another status', does.send(500, '')],
  ['answers in HTML', does.send(200, '<html>')],
  ['is busy', does.refuse(-9, 'Core is busy')],
  ['is busy and says so in the result', does.answer({ status: 'BUSY', block_header: {} })]
]

for (const [what, behave, rpcTimeout] of failures) {
  for (const method of ['getblocktemplate', 'getlastblockheader']) {
    test(`${method}: where the first ${what}, the second answers`, () => withDaemons([behave, good], async ({ rpc }, servers, view) => {
      assert.deepStrictEqual(await rpc(method, {}), { height: 2 })
      assert.deepStrictEqual(view.suspected, [servers[0].daemon])
    }, { rpcTimeout: rpcTimeout || AMPLE }))
  }
}

test('a daemon that refuses connections is replaced by the next', () => withDaemons([good, good], async ({ rpc }, servers) => {
  await servers[0].close()
  await rpc('getblocktemplate', {})
  assert.deepStrictEqual(callsOf(servers), [0, 1])
}))

test('the second is asked once only', () => withDaemons([does.reset(), does.reset(), good], async ({ rpc }, servers, view) => {
  const error = await rpc('getinfo', {}).catch(it => it)
  assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_CONNECTION')
  for (const { daemon } of servers.slice(0, 2)) assert(error.message.includes(daemon.port), error.message)
  assert.deepStrictEqual(callsOf(servers), [1, 1, 0])
  assert.deepStrictEqual(view.suspected, [servers[0].daemon, servers[1].daemon])
}))

test('a busy daemon without a better one is the answer', () => withDaemons([does.refuse(-9, 'Core is busy')], async ({ rpc }) => {
  assert.deepStrictEqual(await rpc('getlastblockheader', {}).catch(it => it), { code: -9, message: 'Core is busy' })
}))

test('a plain JSON-RPC error is the answer', () => withDaemons([does.refuse(-2, 'Too big height'), good], async ({ rpc }, servers, view) => {
  for (const method of ['getblockheaderbyheight', 'getblocktemplate']) {
    assert.deepStrictEqual(await rpc(method, {}).catch(it => it), { code: -2, message: 'Too big height' })
  }
  assert.deepStrictEqual(callsOf(servers), [2, 0])
  assert.deepStrictEqual(view.suspected, [])
}))

test('in single mode reads go to the daemon in use alone', () => withDaemons([does.reset(), good], async ({ rpc }, servers, view) => {
  for (const method of ['getblocktemplate', 'getinfo']) {
    await assert.rejects(rpc(method, {}), { code: 'ERR_MULTI_DAEMON_RPC_CONNECTION' })
  }
  assert.deepStrictEqual(callsOf(servers), [2, 0])
  assert.strictEqual(view.suspected.length, 2)
}, {}, { mode: () => 'single' }))

test('in single mode nothing is hedged', () => withDaemons([does.hang(), good], async ({ rpc }, servers) => {
  await assert.rejects(rpc('getblocktemplate', {}), { code: 'ERR_MULTI_DAEMON_RPC_TIMEOUT' })
  assert.deepStrictEqual(callsOf(servers), [1, 0])
}, { rpcTimeout: 200, hedgeAfter: 10 }, { mode: () => 'single' }))

test('the daemon in use is asked anew for each call', () => {
  let first = 0
  let daemons
  return withDaemons([good, good], async ({ rpc }, servers) => {
    daemons = servers.map(server => server.daemon)
    await rpc('getinfo', {})
    first = 1
    await rpc('getinfo', {})
    assert.deepStrictEqual(callsOf(servers), [1, 1])
  }, {}, { current: () => daemons[first] })
})

test('a template that hangs is answered by the second daemon after the hedge delay', () => withDaemons([does.hang(), good], async ({ rpc }, servers, view) => {
  const begun = Date.now()
  assert.deepStrictEqual(await rpc('getblocktemplate', {}), { height: 2 })
  const took = Date.now() - begun
  assert(took >= 48 && took < AMPLE / 2, `${took} ms`)
  assert.deepStrictEqual(callsOf(servers), [1, 1])
  // The one that was abandoned has lost its connection, and is looked at.
  await servers[0].until(it => it.sockets.size === 0)
  assert.deepStrictEqual(view.suspected, [servers[0].daemon])
}, { hedgeAfter: 50 }))

test('a template that drips is answered by the second daemon', () => withDaemons([does.drip(), good], async ({ rpc }) => {
  assert.deepStrictEqual(await rpc('getblocktemplate', {}), { height: 2 })
}, { hedgeAfter: 20 }))

test('other reads are not hedged', () => withDaemons([does.hang(), good], async ({ rpc }, servers) => {
  const begun = Date.now()
  assert.deepStrictEqual(await rpc('getlastblockheader', {}), { height: 2 })
  assert(Date.now() - begun >= 198)
  assert.deepStrictEqual(callsOf(servers), [1, 1])
}, { rpcTimeout: 200, hedgeAfter: 1 }))

test('no hedge where it is turned off', () => withDaemons([does.hang(), good], async ({ rpc }) => {
  const begun = Date.now()
  assert.deepStrictEqual(await rpc('getblocktemplate', {}), { height: 2 })
  assert(Date.now() - begun >= 198)
}, { rpcTimeout: 200, hedgeAfter: false }))

/** Two daemons that answer when told to, and a template that waits for both of them. */
function withHedge (body) {
  const replies = []
  const held = index => (server, call, response) => { replies[index] = behave => behave(server, call, response) }
  return withDaemons([held(0), held(1)], async ({ rpc }, servers, view) => {
    const heard = []
    const answer = new Promise(resolve => rpc('getblocktemplate', {}, (...all) => {
      heard.push(all)
      resolve(all)
    }))
    await servers[0].until(it => it.calls.length === 1)
    await servers[1].until(it => it.calls.length === 1)
    await body(replies, answer, servers, view)
    for (const server of servers) {
      for (const socket of server.sockets) socket.destroy()
      await server.until(it => it.sockets.size === 0)
    }
    await settled()
    assert.strictEqual(heard.length, 1)
  }, { hedgeAfter: 1 })
}

test('of two that are asked the first good reply is taken: the first daemon', () => withHedge(async ([first], answer, servers, view) => {
  first(does.answer({ height: 1 }))
  assert.deepStrictEqual(await answer, [null, { height: 1 }])
  assert.deepStrictEqual(view.suspected, [])
}))

test('of two that are asked the first good reply is taken: the second daemon', () => withHedge(async ([first, second], answer) => {
  second(does.answer({ height: 2 }))
  assert.deepStrictEqual(await answer, [null, { height: 2 }])
  first(does.answer({ height: 1 }))
}))

test('both replies at once call back once', () => withHedge(async ([first, second], answer) => {
  first(does.answer({ height: 1 }))
  second(does.answer({ height: 1 }))
  assert.deepStrictEqual(await answer, [null, { height: 1 }])
}))

test('when the second fails, the first is waited for', () => withHedge(async ([first, second], answer, servers, view) => {
  second(does.reset())
  await servers[1].until(it => it.sockets.size === 0)
  await settled()
  first(does.answer({ height: 1 }))
  assert.deepStrictEqual(await answer, [null, { height: 1 }])
  assert.deepStrictEqual(view.suspected, [servers[1].daemon])
}))

test('when the first fails, the second is waited for', () => withHedge(async ([first, second], answer, servers) => {
  first(does.cutBody())
  await servers[0].until(it => it.sockets.size === 0)
  await settled()
  second(does.answer({ height: 2 }))
  assert.deepStrictEqual(await answer, [null, { height: 2 }])
}))

test('an error of the second is no good reply while the first may have one', () => withHedge(async ([first, second], answer) => {
  second(does.refuse(-1, 'no'))
  await settled()
  first(does.answer({ height: 1 }))
  assert.deepStrictEqual(await answer, [null, { height: 1 }])
}))

test('an error of the second is the answer when the first fails', () => withHedge(async ([first, second], answer, servers) => {
  second(does.refuse(-1, 'no'))
  await settled()
  first(does.reset())
  assert.deepStrictEqual(await answer, [{ code: -1, message: 'no' }])
}))

test('an error of the daemon in use ends the matter', () => withHedge(async ([first], answer) => {
  first(does.refuse(-4, 'Failed to parse wallet address'))
  assert.deepStrictEqual(await answer, [{ code: -4, message: 'Failed to parse wallet address' }])
}))

test('when both fail there is one error, of the daemon in use', () => withHedge(async ([first, second], answer, servers) => {
  second(does.send(503, ''))
  await settled()
  first(does.send(200, 'no JSON'))
  const [error] = await answer
  assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_REPLY')
  for (const { daemon } of servers) assert(error.message.includes(daemon.port), error.message)
}))
