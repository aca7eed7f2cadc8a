'use strict'

// rpc(), a pool's `rpcDaemon`: what it sends to the gateway, and what it makes of whatever comes back. Runs on any Node.js
// that is supported.

const assert = require('assert')
const { spawn } = require('child_process')
const path = require('path')

const { MultiDaemon } = require('..')
const createRpc = require('../lib/rpc')
const Network = require('./nodes/network')
const { JsonRpcServer, does, settled } = require('./support/json-rpc-server')
const test = require('./support/runner')

/** The time that nobody waits here. */
const TWO_MINUTES = 120000

/** Runs a test with a server, and with rpc() that asks it. */
async function withServer (behave, body, { isStopped = () => false } = {}) {
  const server = await JsonRpcServer.listen(behave)
  try {
    await body(createRpc(() => server.daemon, isStopped), server)
  } finally {
    await server.close()
  }
}

const code = name => ({ code: `ERR_MULTI_DAEMON_RPC_${name}` })

test('a call is a POST of JSON-RPC 2.0 to /json_rpc', () => withServer(does.answer({ height: 7 }), async (rpc, server) => {
  assert.deepStrictEqual(await rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'TRTLé' }), { height: 7 })
  assert.deepStrictEqual(server.calls, [{
    verb: 'POST',
    url: '/json_rpc',
    id: '0',
    jsonrpc: '2.0',
    method: 'getblocktemplate',
    params: { reserve_size: 8, wallet_address: 'TRTLé' }
  }])
}))

test('params may be left out', () => withServer(does.answer({}), async (rpc, server) => {
  await rpc('getinfo')
  assert.strictEqual('params' in server.calls[0], false)
}))

test('where to is asked anew at each call', async () => {
  const servers = await Promise.all(['first', 'second'].map(name => JsonRpcServer.listen(does.answer(name))))
  const targets = servers.map(({ daemon }) => daemon)
  const rpc = createRpc(() => targets.shift(), () => false)
  assert.deepStrictEqual([await rpc('getinfo'), await rpc('getinfo')], ['first', 'second'])
  await Promise.all(servers.map(server => server.close()))
})

test('a callback hears of the result, later than the call returns, and there is no promise', () => withServer(does.answer({ count: 3 }), async rpc => {
  let hasReturned = false
  await new Promise((resolve, reject) => {
    const returned = rpc('getblockcount', {}, (error, result) => {
      try {
        assert.ifError(error)
        assert.deepStrictEqual(result, { count: 3 })
        assert.strictEqual(hasReturned, true)
        resolve()
      } catch (mistake) {
        reject(mistake)
      }
    })
    hasReturned = true
    assert.strictEqual(returned, undefined)
  })
}))

test('a JSON-RPC error is the error, as it came, whatever the form', () => withServer(does.refuse(-2, 'Too big height'), async rpc => {
  const error = { code: -2, message: 'Too big height' }
  assert.deepStrictEqual(await rpc('getblockheaderbyheight', { height: 1e9 }).catch(it => it), error)
  assert.deepStrictEqual(await new Promise(resolve => rpc('getblockheaderbyheight', { height: 1e9 }, resolve)), error)
  assert.deepStrictEqual(await rpc('anything', {}).catch(it => it), error)
}))

test('so is an error that is text, as TurtleCoind has it', () => {
  const error = 'Daemon must be synced to process this RPC method call, please retry when synced'
  return withServer(does.reply({ status: 'Failed', error }), async rpc => assert.strictEqual(await rpc('getblocktemplate', {}).catch(it => it), error))
})

test('an error member that is null is no error', () => withServer(does.reply({ id: '0', error: null, result: 5 }), async rpc => {
  assert.strictEqual(await rpc('anything', {}), 5)
}))

for (const result of [null, 0, '', false, [], 'text']) {
  test(`a result is passed on as it came: ${JSON.stringify(result)}`, () => withServer(does.answer(result), async rpc => {
    assert.deepStrictEqual(await rpc('anything', {}), result)
  }))
}

test('what is no call ends in an error with a code, never in a throw, and not before it returns', () => withServer(does.answer({}), async (rpc, server) => {
  const circular = {}
  circular.self = circular
  const wrong = [
    [undefined, {}], [5, {}], ['', {}], [{}, {}],
    ['getinfo', circular],
    ['getinfo', { toJSON () { throw new Error('no') } }],
    ['getinfo', () => {}],
    ['getinfo', Symbol('no JSON')],
    ['getinfo', {}, 'not a function'],
    ['getinfo', {}, {}]
  ]
  for (const [method, params, callback] of wrong) await assert.rejects(rpc(method, params, callback), code('ARGUMENT'))
  let hasReturned = false
  const heard = new Promise(resolve => rpc(5, {}, (...all) => resolve([hasReturned, all])))
  hasReturned = true
  const [wasLater, [error, ...others]] = await heard
  assert.deepStrictEqual([wasLater, error.code, others], [true, 'ERR_MULTI_DAEMON_RPC_ARGUMENT', []])
  assert.strictEqual(server.calls.length, 0)
}))

test('a fourth argument is left to the pool', () => withServer(does.answer({}), async (rpc, server) => {
  const child = { host: '127.0.0.1', port: 1 }
  await assert.rejects(new Promise((resolve, reject) => rpc('submitblock', ['00'], reject, child)), code('ROUTE'))
  await assert.rejects(rpc('submitblock', ['00'], undefined, child), code('ROUTE'))
  assert.strictEqual(server.calls.length, 0)
  for (const none of [null, undefined, false, 0, '']) await rpc('getinfo', {}, undefined, none)
}))

test('after the end there is an error with a code', () => withServer(does.answer({}), async (rpc, server) => {
  await assert.rejects(rpc('getinfo', {}), code('STOPPED'))
  await assert.rejects(new Promise((resolve, reject) => rpc('getinfo', {}, reject)), code('STOPPED'))
  assert.strictEqual(server.calls.length, 0)
}, { isStopped: () => true }))

/** Every way in which whoever is asked can fail to answer, with the code that tells it. */
const failures = [
  ['closes the connection at once', does.reset(), 'CONNECTION'],
  ['breaks off in its headers', does.cutHeaders(), 'CONNECTION'],
  ['breaks off in its body', does.cutBody(), 'CONNECTION'],
  ['breaks off in a body without a length', does.cutChunks(), 'CONNECTION'],
  ['speaks something else', does.garbage(), 'CONNECTION'],
  ['never answers', does.hang(), 'TIMEOUT', 100],
  ['drips its answer', does.drip(), 'TIMEOUT', 100],
  ['answers more than 4 MiB', does.flood(), 'SIZE'],
  ['redirects', does.send(302, '', { Location: 'http://127.0.0.1:1/json_rpc' }), 'STATUS'],
  ['does not know JSON-RPC', does.send(404, ''), 'STATUS'],
  ['answers with an error page', does.send(500, '<h1>Internal error</h1>'), 'STATUS'],
  ['answers with a result and a bad status', does.send(500, '{"result":{}}'), 'STATUS'],
  ['answers in HTML', does.send(200, '<!doctype html>'), 'REPLY'],
  ['answers in half a JSON text', does.send(200, '{"jsonrpc":"2.0","result":{'), 'REPLY'],
  ['answers nothing', does.send(200, ''), 'REPLY'],
  ['answers JSON that is no reply', does.reply([1, 2]), 'REPLY'],
  ['answers a reply without result and error', does.reply({ jsonrpc: '2.0' }), 'REPLY'],
  ['answers null', does.reply(null), 'REPLY'],
  ['answers a number', does.reply(5), 'REPLY']
]

for (const [what, behave, name, soon] of failures) {
  test(`where it ${what}, one callback hears ${name}`, () => withTimers(soon, () => withServer(behave, async (rpc, server) => {
    const heard = []
    await new Promise(resolve => rpc('getlastblockheader', {}, (...all) => {
      heard.push(all)
      resolve()
    }))
    // Whatever a late event could still bring has come when the server has seen every connection end.
    for (const socket of server.sockets) socket.destroy()
    await server.until(it => it.sockets.size === 0)
    await settled()
    assert.strictEqual(heard.length, 1)
    const [[error, result]] = heard
    assert.strictEqual(error.code, `ERR_MULTI_DAEMON_RPC_${name}`)
    assert.strictEqual(result, undefined)
    assert(error instanceof Error)
    assert(error.message.includes('getlastblockheader') && error.message.includes(`127.0.0.1:${server.daemon.port}`), error.message)
    assert.strictEqual(JSON.parse(JSON.stringify(error)).message, error.message)
  })))
}

/** Has the time that a whole answer may take pass sooner, if so wanted. */
async function withTimers (soon, body) {
  const { setTimeout } = global
  if (soon) global.setTimeout = (run, time, ...args) => setTimeout(run, time === TWO_MINUTES ? soon : time, ...args)
  try {
    await body()
  } finally {
    global.setTimeout = setTimeout
  }
}

test('where nobody listens, the error says so', async () => {
  const server = await JsonRpcServer.listen(does.answer({}))
  await server.close()
  const rpc = createRpc(() => server.daemon, () => false)
  const error = await rpc('getinfo', {}).catch(it => it)
  assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_CONNECTION')
  assert.strictEqual(error.cause.code, 'ECONNREFUSED')
})

test('whoever has tls is asked over https', () => withServer(does.answer({}), async (rpc, server) => {
  const secure = createRpc(() => Object.assign({}, server.daemon, { tls: true }), () => false)
  await assert.rejects(secure('getinfo', {}), code('CONNECTION'))
  assert.strictEqual(server.calls.length, 0)
}))

test('a reply of just under 4 MiB is taken', () => {
  const text = 'a'.repeat(4 * 1024 * 1024 - 100)
  return withServer(does.answer({ text }), async rpc => {
    const result = await rpc('getinfo', {})
    assert.strictEqual(result.text.length, text.length)
  })
})

test('a character that comes in two pieces stays whole', () => {
  const bytes = Buffer.from('{"result":{"name":"Schildkröte"}}')
  const middle = bytes.indexOf(0xc3) + 1
  const inTwo = (server, call, response) => response.write(bytes.slice(0, middle), () => response.end(bytes.slice(middle)))
  return withServer(inTwo, async rpc => assert.deepStrictEqual(await rpc('getinfo', {}), { name: 'Schildkröte' }))
})

/** Runs a program that has `rpc` on a server that answers `{}`; gives its exit code and what it wrote. */
async function run (program) {
  const server = await JsonRpcServer.listen(does.answer({}))
  const setup = `
    const createRpc = require(${JSON.stringify(path.join(__dirname, '../lib/rpc'))})
    const rpc = createRpc(() => (${JSON.stringify(server.daemon)}), () => false);`
  const child = spawn(process.execPath, ['-e', setup + program])
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => output.push(piece))
  const status = await new Promise(resolve => child.on('close', resolve))
  await server.close()
  return { status, output: Buffer.concat(output).toString() }
}

for (const [kind, call] of [['call', "'getinfo', {}"], ['refused call', '5, {}']]) {
  test(`what the callback of a ${kind} throws reaches the process, and calls nobody again`, async () => {
    const { status, output } = await run(`
      process.on('uncaughtException', error => console.log('thrown: ' + error.message))
      rpc(${call}, () => { console.log('called'); throw new Error('a mistake of the pool') })`)
    assert.strictEqual(output, 'called\nthrown: a mistake of the pool\n')
    assert.strictEqual(status, 0)
  })
}

test('without a handler, what a callback throws ends the process as ever', async () => {
  const { status, output } = await run("rpc('getinfo', {}, () => { throw new Error('a mistake of the pool') })")
  assert.notStrictEqual(status, 0)
  assert(output.includes('a mistake of the pool'))
})

test('what was answered keeps no process alive', async () => {
  const { status, output } = await run("rpc('getblocktemplate', {}, () => console.log('answered'))")
  assert.deepStrictEqual({ status, output }, { status: 0, output: 'answered\n' })
})

/** Runs a test with a MultiDaemon on four daemons, the first of which is the primary. */
async function withDaemons (options, body) {
  const network = await Network.start(4)
  const multiDaemon = new MultiDaemon(network.config(undefined, options))
  try {
    await multiDaemon.ready
    await body(multiDaemon, network)
  } finally {
    await multiDaemon.stop()
    network.child.disconnect()
  }
}

/** Another daemon than the primary is used. */
function switched (multiDaemon) {
  return new Promise(resolve => multiDaemon.once('switch', resolve))
}

test('of a MultiDaemon it works detached, and asks the gateway, which asks another daemon where the one in use is gone', () => withDaemons({ pollingInterval: 3600000 }, async (multiDaemon, network) => {
  const { rpc } = multiDaemon
  assert.strictEqual((await rpc('getlastblockheader', {})).block_header.height, 1000)
  await network.crash(0)
  assert.strictEqual((await rpc('getlastblockheader', {})).block_header.height, 1000)
  assert.strictEqual((await rpc('getblockheaderbyheight', { height: 7 })).block_header.height, 7)
  assert.deepStrictEqual(await rpc('getblockheaderbyheight', { height: 5000 }).catch(it => it), { code: -5, message: 'Block hash specified does not exist!' })
}))

test('with "gateway": false it asks the daemon in use, once', () => withDaemons({ gateway: false, pollingInterval: 3600000 }, async (multiDaemon, network) => {
  const { rpc } = multiDaemon
  assert.strictEqual((await rpc('getlastblockheader', {})).block_header.height, 1000)
  await network.crash(0)
  const error = await rpc('getlastblockheader', {}).catch(it => it)
  assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_CONNECTION')
  assert(error.message.includes(`127.0.0.1:${network.ports[0]}`), error.message)
  const isSwitched = switched(multiDaemon)
  await multiDaemon.refresh()
  await isSwitched
  assert.strictEqual((await rpc('getlastblockheader', {})).block_header.height, 1000)
}))

test('switched off it asks the primary', () => withServer(does.answer({ count: 3 }), async (rpc, server) => {
  const { host, port } = server.daemon
  const multiDaemon = new MultiDaemon({ daemon: { host, port } })
  assert.deepStrictEqual(await multiDaemon.rpc('getblockcount', {}), { count: 3 })
}))

for (const [kind, options] of [['with the gateway', {}], ['without one', { gateway: false }]]) {
  test(`after stop() it is an error, ${kind}`, () => withDaemons(options, async multiDaemon => {
    await multiDaemon.stop()
    await assert.rejects(multiDaemon.rpc('getlastblockheader', {}), code('STOPPED'))
  }))
}
