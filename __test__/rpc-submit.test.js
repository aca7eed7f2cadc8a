'use strict'

const assert = require('assert')

const createRpc = require('../lib/rpc')
const { JsonRpcServer, does, settled, viewOf } = require('./support/json-rpc-server')
const test = require('./support/runner')

/** Long enough never to be met; the pauses are short, so that what is repeated is repeated soon. */
const AMPLE = 100000
const IMPATIENT = { rpcTimeout: AMPLE, submitFor: AMPLE, submitPauses: [5, 10, 20] }

async function withDaemons (behaviours, body, options, changes) {
  const servers = await Promise.all(behaviours.map(behave => JsonRpcServer.listen(behave)))
  const daemons = servers.map(server => server.daemon)
  const view = viewOf(daemons, changes)
  const client = createRpc(view, Object.assign({}, IMPATIENT, options))
  try {
    await body(client, servers, view, daemons)
  } finally {
    client.close()
    await Promise.all(servers.map(server => server.close()))
  }
}

const BLOCK = '0300d1d4'
const accept = does.answer({ status: 'OK' })
const refuse = does.refuse(-7, 'Block not accepted')
const refusal = { code: -7, message: 'Block not accepted' }
const callsOf = servers => servers.map(server => server.calls.length)
const failureOf = promise => promise.then(() => assert.fail('it was accepted'), error => error)

test('a block goes to every daemon at the same time', () => withDaemons([does.hang(), does.hang(), accept], async ({ submitBlock }, servers, view, daemons) => {
  assert.deepStrictEqual(await submitBlock(BLOCK), { accepted: [daemons[2]], refused: [] })
  for (const server of servers) {
    await server.until(it => it.calls.length === 1)
    assert.deepStrictEqual([server.calls[0].method, server.calls[0].params], ['submitblock', [BLOCK]])
  }
}))

for (const method of ['submitblock', 'submit_block']) {
  test(`rpc('${method}') does the same, under that name, and answers as a daemon would`, () => {
    return withDaemons([refuse, does.hang(), accept], async ({ rpc }, servers) => {
      assert.deepStrictEqual(await rpc(method, [BLOCK]), { status: 'OK' })
      await new Promise((resolve, reject) => rpc(method, [BLOCK], (error, result) => {
        try {
          assert.strictEqual(error, null)
          assert.deepStrictEqual(result, { status: 'OK' })
          resolve()
        } catch (mistake) {
          reject(mistake)
        }
      }))
      assert.strictEqual(servers[2].calls[0].method, method)
    })
  })
}

test('one that accepts is enough, and the refusals heard so far are told', () => {
  return withDaemons([refuse, refuse, does.reset()], async ({ submitBlock }, servers, view, daemons) => {
    const outcome = submitBlock(BLOCK)
    await servers[2].until(it => it.calls.length === 4)
    servers[2].behave = accept
    assert.deepStrictEqual(await outcome, {
      accepted: [daemons[2]],
      refused: [{ daemon: daemons[0], error: refusal }, { daemon: daemons[1], error: refusal }]
    })
    assert.deepStrictEqual(callsOf(servers.slice(0, 2)), [1, 1])
  })
})

test('refusals and failures after the first acceptance trouble nobody', () => {
  const replies = []
  const held = (server, call, response) => replies.push(behave => behave(server, call, response))
  return withDaemons([held, held, accept], async ({ submitBlock }, servers) => {
    const unhandled = []
    const listen = error => unhandled.push(error)
    process.on('unhandledRejection', listen)
    await submitBlock(BLOCK)
    await Promise.all(servers.map(server => server.until(it => it.calls.length === 1)))
    replies[0](refuse)
    replies[1](does.reset())
    for (const server of servers) for (const socket of server.sockets) socket.end()
    await Promise.all(servers.map(server => server.until(it => it.sockets.size === 0)))
    await settled()
    process.removeListener('unhandledRejection', listen)
    assert.deepStrictEqual(unhandled, [])
    assert.deepStrictEqual(callsOf(servers), [1, 1, 1])
  })
})

test('when all refuse there is one error with the answer of each', () => withDaemons([refuse, does.refuse(-6, 'Wrong block blob')], async ({ submitBlock }, servers, view, daemons) => {
  const error = await failureOf(submitBlock(BLOCK))
  assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_REFUSED')
  for (const { port } of daemons) assert(error.message.includes(`127.0.0.1:${port}`), error.message)
  assert.deepStrictEqual(error.refused, [
    { daemon: daemons[0], error: refusal },
    { daemon: daemons[1], error: { code: -6, message: 'Wrong block blob' } }
  ])
  assert.deepStrictEqual(callsOf(servers), [1, 1])
  assert.deepStrictEqual(view.suspected, [])
}))

test('a daemon that turns up when all others have refused is asked before giving up', () => withDaemons([refuse, accept], async ({ submitBlock }, servers, view, daemons) => {
  view.submitTargets = () => daemons.slice(0, 1 + servers[0].calls.length)
  assert.deepStrictEqual(await submitBlock(BLOCK), { accepted: [daemons[1]], refused: [{ daemon: daemons[0], error: refusal }] })
}, { submitPauses: [AMPLE] }))

test("through rpc such an error has the first daemon's words", () => withDaemons([refuse, refuse], async ({ rpc }) => {
  const error = await new Promise(resolve => rpc('submitblock', [BLOCK], resolve))
  assert(error instanceof Error)
  assert.deepStrictEqual([error.code, error.message, error.refused.length], [-7, 'Block not accepted', 2])
  assert.strictEqual(JSON.parse(JSON.stringify(error)).message, 'Block not accepted')
}))

test('a status other than OK is a refusal', () => withDaemons([does.answer({ status: 'Failed' })], async ({ submitBlock }) => {
  const error = await failureOf(submitBlock(BLOCK))
  assert(error.refused[0].error.message.includes('Failed'))
}))

test('a result without a status is an acceptance', () => withDaemons([does.reply({ result: {} })], ({ submitBlock }) => submitBlock(BLOCK)))

test('the daemon in use gets the block also when the view names no target', () => withDaemons([accept, accept], async ({ submitBlock }, servers) => {
  await submitBlock(BLOCK)
  assert.deepStrictEqual(callsOf(servers), [1, 0])
}, {}, { submitTargets: () => [] }))

test('a daemon is offered the block once, however often the view names it', () => withDaemons([accept], async ({ submitBlock }, servers, view, daemons) => {
  view.submitTargets = () => [Object.assign({}, daemons[0]), daemons[0]]
  await submitBlock(BLOCK)
  await settled()
  assert.deepStrictEqual(callsOf(servers), [1])
}))

/** A block is offered again after each of these: nobody has judged it. */
const failures = [
  ['closes the connection', does.reset()],
  ['breaks off', does.cutBody()],
  ['hangs', does.hang(), 100],
  ['answers with another status', does.send(502, '')],
  ['answers in HTML', does.send(200, '<html>')],
  ['answers without result and error', does.reply({})],
  ['is busy', does.refuse(-9, 'Core is busy')],
  ['is busy and says so in the result', does.answer({ status: 'BUSY' })]
]

for (const [what, behave, rpcTimeout] of failures) {
  test(`a daemon that ${what} is offered the block again`, () => withDaemons([behave], async ({ submitBlock }, [server], view, daemons) => {
    const outcome = submitBlock(BLOCK)
    await server.until(it => it.calls.length === 3)
    server.behave = accept
    assert.deepStrictEqual(await outcome, { accepted: daemons, refused: [] })
    assert(view.suspected.length >= 2)
  }, { rpcTimeout: rpcTimeout || AMPLE }))
}

test('all are down for several rounds, and one that is back takes the block', () => withDaemons([accept, accept], async ({ submitBlock }, servers, view, daemons) => {
  await Promise.all(servers.map(server => server.close()))
  const severalRounds = new Promise(resolve => {
    view.suspect = daemon => { if (view.suspected.push(daemon) === 10) resolve() }
  })
  const outcome = submitBlock(BLOCK)
  await severalRounds
  await servers[1].listen(daemons[1].port)
  assert.deepStrictEqual((await outcome).accepted, [daemons[1]])
}))

test('a daemon that the view learns of meanwhile gets it too', () => withDaemons([does.reset(), accept], async ({ rpc }, servers, view, daemons) => {
  view.submitTargets = () => servers[0].calls.length < 3 ? daemons.slice(0, 1) : daemons
  assert.deepStrictEqual(await rpc('submitblock', [BLOCK]), { status: 'OK' })
  assert.strictEqual(servers[1].calls.length, 1)
}))

test('a daemon that comes into use meanwhile gets it too', () => withDaemons([does.reset(), accept], async ({ rpc }, servers, view, daemons) => {
  view.current = () => daemons[servers[0].calls.length < 3 ? 0 : 1]
  assert.deepStrictEqual(await rpc('submitblock', [BLOCK]), { status: 'OK' })
}, {}, { submitTargets: () => [] }))

test('a daemon that failed is tried again also when the view has given it up', () => withDaemons([refuse, does.reset()], async ({ submitBlock }, servers, view, daemons) => {
  view.submitTargets = () => servers[1].calls.length === 0 ? daemons : []
  const outcome = submitBlock(BLOCK)
  await servers[1].until(it => it.calls.length === 3)
  servers[1].behave = accept
  assert.deepStrictEqual(await outcome, { accepted: [daemons[1]], refused: [{ daemon: daemons[0], error: refusal }] })
  assert.strictEqual(servers[0].calls.length, 1)
}))

test('a hung daemon does not delay the next try of another', () => withDaemons([does.hang(), does.reset()], async ({ submitBlock }, servers, view, daemons) => {
  const outcome = submitBlock(BLOCK)
  await servers[1].until(it => it.calls.length === 3)
  servers[1].behave = accept
  assert.deepStrictEqual((await outcome).accepted, [daemons[1]])
  assert.strictEqual(servers[0].calls.length, 1)
}))

test('when nobody has answered in all that time there is an error', () => withDaemons([does.reset(), does.reset()], async ({ rpc, submitBlock }, servers, view, daemons) => {
  for (const error of [await failureOf(submitBlock(BLOCK)), await failureOf(rpc('submitblock', [BLOCK]))]) {
    assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_RPC_UNREACHABLE')
    assert.deepStrictEqual(error.refused, [])
    assert.deepStrictEqual(error.failed.map(it => it.daemon), daemons)
    for (const { port } of daemons) assert(error.message.includes(port), error.message)
  }
  for (const count of callsOf(servers)) assert(count >= 4)
}, { submitFor: 100 }))

test('when one has refused and the other never answered, both are told', () => withDaemons([does.reset(), refuse], async ({ rpc }, servers, view, daemons) => {
  const error = await failureOf(rpc('submitblock', [BLOCK]))
  assert.strictEqual(error.code, -7)
  assert.deepStrictEqual(error.refused, [{ daemon: daemons[1], error: refusal }])
  assert.deepStrictEqual(error.failed.map(it => it.daemon), [daemons[0]])
  assert(servers[0].calls.length > 1)
  assert.strictEqual(servers[1].calls.length, 1)
}, { submitFor: 100 }))

test('the last try comes at the end of the time', () => withDaemons([does.reset()], async ({ submitBlock }, [server]) => {
  await failureOf(submitBlock(BLOCK))
  assert.strictEqual(server.calls.length, 2)
}, { submitFor: 50, submitPauses: [AMPLE] }))

test('a block under way at the end is still offered', () => withDaemons([does.reset()], async ({ submitBlock, close }, [server], view, daemons) => {
  const outcome = submitBlock(BLOCK)
  await server.until(it => it.calls.length === 1)
  close()
  await server.until(it => it.calls.length === 3)
  server.behave = accept
  assert.deepStrictEqual((await outcome).accepted, daemons)
}))

test('one callback, however many accept, refuse and fail', () => withDaemons([accept, refuse, does.reset(), accept, does.cutBody()], async ({ rpc }, servers) => {
  const heard = []
  for (let i = 0; i < 20; i += 1) await new Promise(resolve => rpc('submitblock', [BLOCK], (...all) => resolve(heard.push(all))))
  for (const server of servers) {
    for (const socket of server.sockets) socket.destroy()
    await server.until(it => it.sockets.size === 0)
  }
  await settled()
  assert.deepStrictEqual(heard, Array(20).fill([null, { status: 'OK' }]))
}))

/** Numbers that look random and are the same each time. */
function sequence (seed) {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 0x100000000 * below)
  }
}

test('of 200 blocks none is lost while daemons die, hang and come back, as long as one lives', () => {
  const random = sequence(20)
  const taken = new Set()
  const take = (server, call, response) => {
    taken.add(call.params[0])
    accept(server, call, response)
  }
  const ills = [does.hang(), does.reset(), does.cutBody(), does.send(500, ''), does.refuse(-9, 'Core is busy')]
  return withDaemons([take, take, take, take], async ({ rpc }, servers, view, daemons) => {
    view.current = () => daemons[random(4)]
    view.submitTargets = () => daemons.filter(() => random(3) > 0)

    for (let round = 0; round < 20; round += 1) {
      const alive = random(4)
      for (const server of servers) await change(server, servers.indexOf(server) === alive)
      const blocks = Array.from({ length: 10 }, (_, i) => Buffer.from([round, i]).toString('hex'))
      const answers = blocks.map(block => rpc('submitblock', [block]))
      // In the middle of it all, one more falls ill.
      const victim = (alive + 1 + random(3)) % 4
      servers[victim].behave = ills[random(ills.length)]
      for (const socket of servers[victim].sockets) socket.destroy()
      for (const answer of answers) assert.deepStrictEqual(await answer, { status: 'OK' })
      for (const block of blocks) assert(taken.has(block), `${block} was lost`)
    }
  }, { rpcTimeout: 200 })

  async function change (server, isToLive) {
    const isUp = server.http.listening
    if (!isUp && (isToLive || random(2) === 0)) await server.listen(server.daemon.port)
    if (isUp && !isToLive && random(3) === 0) await server.close()
    server.behave = isToLive || random(3) === 0 ? take : ills[random(ills.length)]
  }
})
