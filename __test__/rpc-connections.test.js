'use strict'

const assert = require('assert')

const createRpc = require('../lib/rpc')
const { JsonRpcServer, does, viewOf } = require('./support/json-rpc-server')
const test = require('./support/runner')

const AMPLE = 100000

async function withServer (behave, body, changes, options) {
  const server = await JsonRpcServer.listen(behave)
  const view = viewOf([server.daemon], changes)
  const client = createRpc(view, Object.assign({ rpcTimeout: AMPLE, hedgeAfter: false, connectionsFor: AMPLE }, options))
  try {
    await body(client, server, view)
  } finally {
    client.close()
    await server.close()
  }
}

/** Answers once on each connection, and does something else ever after. */
const onceThen = behave => does.byTurn(does.answer({ status: 'OK' }), behave)

/** A short time limit can be missed on a busy machine, but not ten times. */
async function retry (body) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await body()
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}

const asked = server => server.calls.map(call => call.method)

test('calls one after another share one connection', () => withServer(does.answer({}), async ({ rpc }, server) => {
  for (let i = 0; i < 5; i += 1) await rpc('getinfo', {})
  assert.strictEqual(server.connections, 1)
}))

test('a call made in a callback takes the same connection', () => withServer(does.answer({}), async ({ rpc }, server) => {
  await new Promise(resolve => rpc('getinfo', {}, () => rpc('getinfo', {}, () => rpc('getinfo', {}, resolve))))
  assert.strictEqual(server.connections, 1)
}))

test('a connection that has been kept for long is replaced, so that a host name is looked up again', () => withServer(does.answer({}), async ({ rpc }, server) => {
  for (let i = 0; i < 3; i += 1) await rpc('getinfo', {})
  assert.strictEqual(server.connections, 3)
  await server.until(it => it.sockets.size <= 1)
}, undefined, { connectionsFor: 0 }))

test('one that has been kept for long is not taken from a call under way', async () => {
  const replies = []
  const behave = (server, call, response) => replies.push(() => does.answer({ height: 1 })(server, call, response))
  await withServer(behave, async ({ rpc }, server) => {
    const answers = [rpc('getinfo', {})]
    await server.until(it => it.calls.length === 1)
    answers.push(rpc('getinfo', {}))
    await server.until(it => it.calls.length === 2)
    for (const reply of replies) reply()
    assert.deepStrictEqual(await Promise.all(answers), [{ height: 1 }, { height: 1 }])
  }, undefined, { connectionsFor: 0 })
})

test('a hundred calls at once are all answered, over at most 64 connections', () => withServer(does.answer({}), async ({ rpc }, server) => {
  await Promise.all(Array.from({ length: 100 }, () => rpc('getinfo', {})))
  assert.strictEqual(server.calls.length, 100)
  assert(server.connections <= 64, `${server.connections} connections`)
}))

for (const [method, params] of [['getblocktemplate', {}], ['getblockheaderbyheight', { height: 1 }], ['submitblock', ['00']]]) {
  test(`a ${method} that meets a connection closed while idle is sent again, and nobody is suspected`, () => {
    return withServer(onceThen(does.reset()), async ({ rpc }, server, view) => {
      for (let i = 0; i < 3; i += 1) assert.deepStrictEqual(await rpc(method, params), { status: 'OK' })
      assert.deepStrictEqual(view.suspected, [])
      const resets = server.calls.filter(call => call.served > 1).length
      assert.strictEqual(server.calls.length, 3 + resets)
      assert(resets > 0)
    })
  })
}

test('the same in single mode', () => withServer(onceThen(does.reset()), async ({ rpc }, server, view) => {
  for (let i = 0; i < 3; i += 1) await rpc('getlastblockheader', {})
  assert.deepStrictEqual(view.suspected, [])
  assert(server.calls.some(call => call.served > 1))
}, { mode: () => 'single' }))

test('a reset on a connection that was used is forgiven once', async () => {
  const behave = (server, call, response) => {
    const isFirst = server.calls.length === 1
    const reply = isFirst ? does.answer({}) : does.reset()
    reply(server, call, response)
  }
  await withServer(behave, async ({ rpc }, server, view) => {
    await rpc('getinfo', {})
    await assert.rejects(rpc('getinfo', {}), { code: 'ERR_MULTI_DAEMON_RPC_CONNECTION' })
    assert.strictEqual(server.calls.length, 3)
    assert.deepStrictEqual(view.suspected, [server.daemon])
  })
})

test('a used connection that breaks off in a reply is a failure', () => withServer(onceThen(does.cutHeaders()), async ({ rpc }, server, view) => {
  await rpc('getinfo', {})
  await assert.rejects(rpc('getinfo', {}), { code: 'ERR_MULTI_DAEMON_RPC_CONNECTION' })
  assert.strictEqual(server.calls.length, 2)
  assert.deepStrictEqual(view.suspected, [server.daemon])
}))

test('a method it does not know is sent once, on a connection of its own', () => withServer(onceThen(does.reset()), async ({ rpc }, server, view) => {
  for (const method of ['getinfo', 'transfer', 'transfer']) await rpc(method, {})
  assert.deepStrictEqual(asked(server), ['getinfo', 'transfer', 'transfer'])
  server.behave = does.reset()
  await assert.rejects(rpc('transfer', {}), { code: 'ERR_MULTI_DAEMON_RPC_CONNECTION' })
  assert.strictEqual(server.calls.length, 4)
  assert.deepStrictEqual(view.suspected, [server.daemon])
}))

test('a daemon that was restarted is reached again without a failure', () => withServer(does.answer({}), async ({ rpc }, server, view) => {
  await Promise.all(Array.from({ length: 10 }, () => rpc('getinfo', {})))
  const { port } = server.daemon
  await server.close()
  await server.listen(port)
  for (let i = 0; i < 10; i += 1) await rpc('getinfo', {})
  assert.deepStrictEqual(view.suspected, [])
}))

test('more calls than there are connections time out while a daemon hangs, and are answered when it is back', async () => {
  const server = await JsonRpcServer.listen(does.hang())
  const { rpc, close } = createRpc(viewOf([server.daemon]), { rpcTimeout: 300, hedgeAfter: false })
  const hundred = () => Array.from({ length: 100 }, () => rpc('getinfo', {}).catch(error => error.code))
  const heard = await Promise.all(hundred())
  assert.deepStrictEqual(heard, Array(100).fill('ERR_MULTI_DAEMON_RPC_TIMEOUT'))
  // No more than that: Node may have opened another, for a call that was over before it could be sent.
  await server.until(it => Array.from(it.sockets).every(socket => !socket.served))
  server.behave = does.answer({ height: 1 })
  await retry(async () => assert.deepStrictEqual(await rpc('getinfo', {}), { height: 1 }))
  close()
  await server.close()
})

test('the end closes idle connections', () => withServer(does.answer({}), async ({ rpc, close }, server) => {
  await rpc('getinfo', {})
  assert.strictEqual(server.sockets.size, 1)
  close()
  await server.until(it => it.sockets.size === 0)
}))

test('a call under way at the end is answered, and its connection closed', async () => {
  let reply
  const behave = (server, call, response) => { reply = () => does.answer({ late: true })(server, call, response) }
  await withServer(behave, async ({ rpc, close }, server) => {
    const answer = rpc('getinfo', {})
    await server.until(it => it.calls.length === 1)
    close()
    reply()
    assert.deepStrictEqual(await answer, { late: true })
    await server.until(it => it.sockets.size === 0)
  })
})

test("the pool's global agents are not touched", () => withServer(does.answer({}), async ({ rpc }) => {
  const { globalAgent } = require('http')
  const used = () => ['sockets', 'freeSockets', 'requests'].map(name => Object.keys(globalAgent[name]).length)
  const answer = rpc('getinfo', {})
  assert.deepStrictEqual(used(), [0, 0, 0])
  await answer
  assert.deepStrictEqual(used(), [0, 0, 0])
}))
