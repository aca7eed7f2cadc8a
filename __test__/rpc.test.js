'use strict'

const assert = require('assert')
const { spawn } = require('child_process')
const path = require('path')

const createRpc = require('../lib/rpc')
const { JsonRpcServer, does, settled, viewOf } = require('./support/json-rpc-server')
const test = require('./support/runner')

/** Long enough never to be met, where a test is not about time. */
const AMPLE = 100000

async function withServer (behave, body, changes, options) {
  const server = await JsonRpcServer.listen(behave)
  const view = viewOf([server.daemon], changes)
  const client = createRpc(view, Object.assign({ rpcTimeout: AMPLE, hedgeAfter: false }, options))
  try {
    await body(client, server, view)
  } finally {
    client.close()
    await server.close()
  }
}

const code = name => ({ code: `ERR_MULTI_DAEMON_RPC_${name}` })

test('a call is a POST of JSON-RPC 2.0 to /json_rpc', () => withServer(does.answer({ height: 7 }), async ({ rpc }, server) => {
  assert.deepStrictEqual(await rpc('getblocktemplate', { reserve_size: 8, wallet_address: 'TRTLé' }), { height: 7 })
  assert.deepStrictEqual(server.calls, [{
    verb: 'POST',
    url: '/json_rpc',
    served: 1,
    id: '0',
    jsonrpc: '2.0',
    method: 'getblocktemplate',
    params: { reserve_size: 8, wallet_address: 'TRTLé' }
  }])
}))

test('params may be left out', () => withServer(does.answer({}), async ({ rpc }, server) => {
  await rpc('getinfo')
  assert.strictEqual('params' in server.calls[0], false)
}))

test('a callback hears of the result, later than the call returns', () => withServer(does.answer({ count: 3 }), async ({ rpc }) => {
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

test('a JSON-RPC error is the error, as it came, whatever the form', () => withServer(does.refuse(-2, 'Too big height'), async ({ rpc }) => {
  const error = { code: -2, message: 'Too big height' }
  assert.deepStrictEqual(await rpc('getblockheaderbyheight', { height: 1e9 }).catch(it => it), error)
  assert.deepStrictEqual(await new Promise(resolve => rpc('getblockheaderbyheight', { height: 1e9 }, resolve)), error)
  assert.deepStrictEqual(await rpc('anything', {}).catch(it => it), error)
}))

test('an error member that is null is no error', () => withServer(does.reply({ id: '0', error: null, result: 5 }), async ({ rpc }) => {
  assert.strictEqual(await rpc('anything', {}), 5)
}))

test('what is no call ends in an error with a code, never in a throw', () => withServer(does.answer({}), async ({ rpc, submitBlock }, server) => {
  const circular = {}
  circular.self = circular
  const wrong = [
    [undefined, {}], [5, {}], ['', {}], [{}, {}],
    ['getinfo', circular],
    ['getinfo', { toJSON () { throw new Error('no') } }],
    ['getinfo', () => {}],
    ['getinfo', {}, 'not a function']
  ]
  for (const [method, params, callback] of wrong) await assert.rejects(rpc(method, params, callback), code('ARGUMENT'))
  await assert.rejects(new Promise((resolve, reject) => rpc(5, {}, reject)), code('ARGUMENT'))
  for (const block of [undefined, 5, '', 'xyz', '0x00', 'abc', ['00']]) await assert.rejects(submitBlock(block), code('ARGUMENT'))
  assert.strictEqual(server.calls.length, 0)
}))

test('a fourth argument is left to the pool', () => withServer(does.answer({}), async ({ rpc }, server) => {
  const child = { host: '127.0.0.1', port: 1 }
  await assert.rejects(new Promise((resolve, reject) => rpc('submitblock', ['00'], reject, child)), code('ROUTE'))
  await assert.rejects(rpc('submitblock', ['00'], undefined, child), code('ROUTE'))
  assert.strictEqual(server.calls.length, 0)
  await rpc('getinfo', {}, undefined, null)
}))

test('after the end there is an error with a code', () => withServer(does.answer({}), async ({ rpc, submitBlock, close }) => {
  close()
  await assert.rejects(rpc('getinfo', {}), code('STOPPED'))
  await assert.rejects(new Promise((resolve, reject) => rpc('getinfo', {}, reject)), code('STOPPED'))
  await assert.rejects(submitBlock('00'), code('STOPPED'))
}))

test('a view that has stopped ends it too', () => withServer(does.answer({}), async ({ rpc }) => {
  await assert.rejects(rpc('getinfo', {}), code('STOPPED'))
}, { stopped: () => true }))

/** Every way in which a daemon can fail to answer, with the code that tells it. */
const failures = [
  ['closes the connection at once', does.reset(), 'CONNECTION'],
  ['breaks off in its headers', does.cutHeaders(), 'CONNECTION'],
  ['breaks off in its body', does.cutBody(), 'CONNECTION'],
  ['speaks something else', does.garbage(), 'CONNECTION'],
  ['never answers', does.hang(), 'TIMEOUT', 100],
  ['drips its answer', does.drip(), 'TIMEOUT', 100],
  ['answers more than 16 MiB', does.flood(), 'SIZE'],
  ['redirects', does.send(302, '', { Location: 'http://127.0.0.1:1/json_rpc' }), 'STATUS'],
  ['does not know JSON-RPC', does.send(404, ''), 'STATUS'],
  ['answers with an error page', does.send(500, '<h1>Internal error</h1>'), 'STATUS'],
  ['answers in HTML', does.send(200, '<!doctype html>'), 'REPLY'],
  ['answers in truncated JSON', does.send(200, '{"jsonrpc":"2.0","result":{'), 'REPLY'],
  ['answers nothing', does.send(200, ''), 'REPLY'],
  ['answers JSON that is no reply', does.reply([1, 2]), 'REPLY'],
  ['answers a reply without result and error', does.reply({ jsonrpc: '2.0' }), 'REPLY'],
  ['answers null', does.reply(null), 'REPLY'],
  ['answers null where a pool reads members', does.answer(null), 'REPLY']
]

for (const [what, behave, name, rpcTimeout] of failures) {
  test(`a daemon that ${what} is suspected, and one callback hears ${name}`, () => withServer(behave, async ({ rpc }, server, view) => {
    const heard = []
    await new Promise(resolve => rpc('getlastblockheader', {}, (...all) => {
      heard.push(all)
      resolve()
    }))
    // Whatever a late event could still bring has come when the daemon has seen every connection end.
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
    assert.deepStrictEqual(view.suspected, [server.daemon])
  }, {}, { rpcTimeout: rpcTimeout || AMPLE }))
}

test('a port that is none ends in an error, not in a throw', async () => {
  const { rpc } = createRpc(viewOf([{ host: '127.0.0.1', port: 99999, tls: false }]))
  await assert.rejects(rpc('getinfo', {}), code('CONNECTION'))
})

test('a daemon with tls is asked over https', () => withServer(does.answer({}), async (client, server) => {
  const secure = createRpc(viewOf([Object.assign({}, server.daemon, { tls: true })]))
  await assert.rejects(secure.rpc('getinfo', {}), code('CONNECTION'))
  assert.strictEqual(server.calls.length, 0)
  secure.close()
}))

test('a reply of just under 16 MiB is taken', () => {
  const text = 'a'.repeat(16 * 1024 * 1024 - 100)
  return withServer(does.answer({ text }), async ({ rpc }) => {
    const result = await rpc('getinfo', {})
    assert.strictEqual(result.text.length, text.length)
  })
})

test('a character that comes in two pieces stays whole', () => {
  const bytes = Buffer.from('{"result":{"name":"Schildkröte"}}')
  const middle = bytes.indexOf(0xc3) + 1
  const inTwo = (server, call, response) => response.write(bytes.slice(0, middle), () => response.end(bytes.slice(middle)))
  return withServer(inTwo, async ({ rpc }) => assert.deepStrictEqual(await rpc('getinfo', {}), { name: 'Schildkröte' }))
})

/** Runs a program that has `rpc` on a daemon that answers `{}`; gives its exit code and what it wrote. */
async function run (program) {
  const server = await JsonRpcServer.listen(does.answer({}))
  const setup = `
    const daemon = { host: '127.0.0.1', port: ${server.daemon.port}, tls: false }
    const { rpc } = require(${JSON.stringify(path.join(__dirname, '../lib/rpc'))})({
      current: () => daemon, mode: () => 'multi', good: () => [daemon], submitTargets: () => [daemon], suspect () {}, stopped: () => false
    });`
  const child = spawn(process.execPath, ['-e', setup + program])
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => output.push(piece))
  const status = await new Promise(resolve => child.on('close', resolve))
  await server.close()
  return { status, output: Buffer.concat(output).toString() }
}

for (const [kind, call] of [
  ['read', "'getinfo', {}"], ['template', "'getblocktemplate', {}"], ['submission', "'submitblock', ['00']"],
  ['method it does not know', "'other', {}"], ['refused call', '5, {}']
]) {
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

test('idle connections do not keep a process alive', async () => {
  const { status, output } = await run("rpc('getblocktemplate', {}, () => console.log('answered'))")
  assert.deepStrictEqual({ status, output }, { status: 0, output: 'answered\n' })
})
