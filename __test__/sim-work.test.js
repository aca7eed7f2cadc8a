'use strict'

// Simulated daemons that pass every poll and are of no use to a pool, each in the way of a real one.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const http = require('node:http')
const { blobs, until } = require('../sim')
const { LIMIT, ask, askForWork, call, header, info, recordings, replay, send, shape, submit, withNetwork } = require('./support/sim')

const UNSYNCED = '{"status":"Failed","error":"Daemon must be synced to process this RPC method call, please retry when synced"}'
const WORK = { wallet_address: `TRTL${'v'.repeat(95)}`, reserve_size: 8 }
const blockOf = async (daemon, nonce = 1) => blobs.withNonce((await askForWork(daemon)).result.blocktemplate_blob, nonce)

describe('TurtleCoind 0.24 to 0.28.3 that knows of more blocks than it has', () => {
  const refusal = async (daemon, method, params) => {
    const { status, type, text } = await call(daemon, method, params)
    return [status, type, text]
  }

  test('refuses work and blocks in words that are no JSON-RPC, and polls do not show it', LIMIT, () => withNetwork(2, async (network, daemon, well) => {
    const blob = await blockOf(well)
    daemon.poison(40)
    assert.deepEqual(await refusal(daemon, 'getblocktemplate', WORK), [200, 'application/json', UNSYNCED])
    assert.deepEqual(await refusal(daemon, 'submitblock', [blob]), [200, 'application/json', UNSYNCED])
    assert.deepEqual([daemon.submitted.length, (await header(daemon)).height, (await info(daemon)).status], [0, 50, 'OK'])
  }))

  test('gives work again when the blocks are there, or when it is started anew', LIMIT, () => withNetwork(2, async (network, catchesUp, restarted) => {
    catchesUp.poison(2)
    restarted.poison(1000)
    for (const daemon of [catchesUp, restarted]) assert.equal((await askForWork(daemon)).status, 'Failed')
    network.mine(2)
    assert.equal((await askForWork(catchesUp)).result.height, 53)
    assert.equal((await askForWork(restarted)).status, 'Failed')
    await restarted.crash()
    await restarted.restart()
    assert.equal((await askForWork(restarted)).result.height, 53)
  }))

  test('gives none after a start before it has found a peer, whatever its info says', LIMIT, () => withNetwork(1, async (network, daemon) => {
    await daemon.crash()
    await daemon.restart({ syncTime: 300 })
    assert.equal((await askForWork(daemon)).status, 'Failed')
    await until(() => daemon.isReady, { what: 'it has found a peer' })
    assert.equal((await askForWork(daemon)).result.height, 51)
  }))

  test('gives work while it has more than the network', LIMIT, () => withNetwork(2, async (network, daemon) => {
    await submit(daemon, await blockOf(daemon))
    assert.equal((await info(daemon)).synced, false)
    assert.equal((await askForWork(daemon)).result.height, 52)
  }, { propagation: 5000 }))

  test('before that, 0.22 and 0.23 gave work all the same, and so did 0.3 to 0.6', LIMIT, () =>
    withNetwork([{ needsSync: false }, { dialect: 'turtlecoin-legacy' }], async (network, ...daemons) => {
      for (const daemon of daemons) {
        daemon.poison(40)
        assert.equal((await askForWork(daemon)).result.height, network.tip.height + 1)
        assert.equal((await submit(daemon, await blockOf(daemon))).result.status, 'OK')
      }
    }))
})

test('0.3 to 0.6 that is not synced answers -9 to all that a pool needs', LIMIT, () =>
  withNetwork([{ dialect: 'turtlecoin-legacy' }], async (network, daemon) => {
    const blob = await blockOf(daemon)
    daemon.busy()
    for (const reply of [await askForWork(daemon), await submit(daemon, blob), await ask(daemon, 'getlastblockheader')]) {
      assert.deepEqual(reply.error, { code: -9, message: 'Core is busy' })
    }
    assert.equal((await ask(daemon, 'getblockcount')).result.count, 51)
  }))

describe('a monerod', () => {
  for (const [name, recorded] of recordings('monerod-0.18.0-unsynced')) {
    test(`that is not synchronized answers what was recorded: ${name}`, LIMIT, () => withNetwork([{ dialect: 'monerod' }], async (network, daemon) => {
      await daemon.crash()
      await daemon.restart({ syncTime: 10000 })
      const { status, type, text } = await replay(daemon, recorded)
      assert.deepEqual([status, type], [recorded.status, recorded.contentType])
      const body = JSON.parse(text)
      assert.deepEqual(shape(body), shape(recorded.body))
      if (/template|lastblock|submit/.test(name)) assert.deepEqual(body, recorded.body)
      if (/info/.test(name)) assert.deepEqual([body.synchronized, body.target_height], [false, 0])
    }))
  }

  test('that was synchronized once stays so, whatever peers claim', LIMIT, () => withNetwork([{ dialect: 'monerod' }], async (network, daemon) => {
    daemon.poison(40)
    const { synchronized, target_height: target } = await info(daemon)
    assert.deepEqual([synchronized, target, (await askForWork(daemon)).result.height], [true, 0, 51])
  }))
})

describe('a monerod with a bootstrap daemon', () => {
  const withBootstrap = run => withNetwork([{ dialect: 'monerod' }, { dialect: 'monerod' }], async (network, other, daemon) => {
    daemon.bootstrapFrom(other, { height: 12 })
    await run(network, other, daemon)
  })

  for (const [name, recorded] of recordings('monerod-0.18.0-bootstrap')) {
    test(`answers what was recorded: ${name}`, LIMIT, () => withBootstrap(async (network, other, daemon) => {
      const { status, type, text } = await replay(daemon, recorded)
      assert.deepEqual([status, type], [recorded.status, recorded.contentType])
      const body = JSON.parse(text)
      assert.deepEqual(shape(body), shape(recorded.body))
      const { result = body, error } = body
      const { result: realResult = recorded.body } = recorded.body
      assert.equal(result.untrusted, realResult.untrusted)
      if (/count|hash$|submit/.test(name)) assert.deepEqual(body, recorded.body)
      if (error && /above/.test(name)) assert.equal(error.message, 'Requested block height: 999 greater than current top block height: 11')
    }))
  }

  test("has another one's chain, and its own height beside it", LIMIT, () => withBootstrap(async (network, other, daemon) => {
    network.mine()
    const told = await info(daemon)
    assert.deepEqual([told.height, told.height_without_bootstrap, told.untrusted], [52, 12, true])
    assert.deepEqual([told.was_bootstrap_ever_used, told.bootstrap_daemon_address], [true, other.address])
    assert.deepEqual([(await header(daemon)).hash, (await askForWork(daemon)).result.prev_hash], [other.tip.hash, other.tip.hash])
    assert.equal(other.count(), 0)
  }))

  test('refuses blocks, good ones too', LIMIT, () => withBootstrap(async (network, other, daemon) => {
    const { error } = await submit(daemon, await blockOf(daemon))
    assert.deepEqual(error, { code: -20, message: 'This command is unsupported for bootstrap daemon' })
    assert.equal(other.tip.height, 50)
  }))

  test('is on its own while that one is gone', LIMIT, () => withBootstrap(async (network, other, daemon) => {
    await other.crash()
    const told = await info(daemon)
    assert.deepEqual([told.height, told.untrusted, told.synchronized], [12, true, false])
    const { block_header: last, status, untrusted } = (await ask(daemon, 'getlastblockheader')).result
    assert.deepEqual([last.hash, status, untrusted], ['', 'BUSY', true])
    assert.equal((await askForWork(daemon)).error.code, -9)
  }))

  test('speaks for itself when it is synchronized', LIMIT, () => withBootstrap(async (network, other, daemon) => {
    network.mine()
    daemon.bootstrapFrom(null)
    const told = await info(daemon)
    assert.deepEqual([told.height, told.height_without_bootstrap, told.untrusted, told.synchronized], [52, 52, false, true])
    assert.equal((await submit(daemon, await blockOf(daemon))).result.status, 'OK')
  }))
})

describe('instead of good templates', () => {
  const NOTHING = { result: undefined }
  const kinds = [
    ['busy', { error: { code: -9, message: 'Core is busy' } }],
    ['overloaded', { error: { code: -32003, message: 'Server busy, try again later' } }],
    ['failed', { error: { code: -5, message: 'Failed to create block template' } }],
    ['unsynced', JSON.parse(UNSYNCED)],
    ['status failed', { result: { status: 'Failed' } }],
    ['nothing', NOTHING]
  ]
  for (const dialect of ['turtlecoin-0.28.3', 'monerod']) {
    for (const [kind, expected] of kinds) {
      test(`${dialect}: '${kind}', while all else is as ever`, LIMIT, () => withNetwork([{ dialect }], async (network, daemon) => {
        daemon.giveTemplates(kind)
        const { status, text } = await call(daemon, 'getblocktemplate', WORK)
        assert.equal(status, 200)
        if (expected === NOTHING) assert.equal(text, '')
        else for (const [member, value] of Object.entries(expected)) assert.deepEqual(JSON.parse(text)[member], value)
        assert.deepEqual([(await header(daemon)).height, (await info(daemon)).status], [50, 'OK'])
        daemon.giveTemplates()
        assert.equal((await askForWork(daemon)).result.height, 51)
      }))
    }
  }

  test('money is asked for, and all members are empty', LIMIT, () => withNetwork([{ dialect: 'monerod' }], async (network, daemon) => {
    const good = (await askForWork(daemon)).result
    daemon.giveTemplates('payment required')
    const { result } = await askForWork(daemon)
    assert.equal(result.status, 'PAYMENT REQUIRED')
    for (const [member, value] of Object.entries(result)) if (member !== 'status') assert.ok(!value, member)
    for (const member of Object.keys(good)) assert.equal(typeof result[member], typeof good[member], member)
  }))

  test('a daemon that was not told to let anybody mine answers with status 403', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.giveTemplates('forbidden')
    const { status, text } = await call(daemon, 'getblocktemplate', WORK)
    assert.deepEqual([status, JSON.parse(text).status], [403, 'Failed'])
  }))

  test('the blob is empty, or missing', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const { blocktemplate_blob: blob, ...rest } = (await askForWork(daemon)).result
    assert.ok(blob.length > 0)
    daemon.giveTemplates('empty')
    assert.deepEqual((await askForWork(daemon)).result, { ...rest, blocktemplate_blob: '' })
    daemon.giveTemplates('without blob')
    assert.deepEqual((await askForWork(daemon)).result, rest)
    assert.equal((await ask(daemon, 'getblocktemplate', { wallet_address: 'nope' })).error.code, -4)
  }))

  test('good ones come, and late', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.giveTemplates('slow', 150)
    const start = performance.now()
    const [template] = await Promise.all([askForWork(daemon), header(daemon).then(() => assert.ok(performance.now() - start < 145))])
    assert.ok(performance.now() - start >= 145)
    assert.equal(template.result.height, 51)
  }))

  const monerod = [{ dialect: 'monerod' }]
  test('those of the block below come for a while after a new one, with its height', LIMIT, () => withNetwork(monerod, async (network, daemon) => {
    daemon.giveTemplates('cached', 400)
    network.mine()
    const old = (await askForWork(daemon)).result
    assert.deepEqual([old.height, old.prev_hash], [52, daemon.tip.prevHash])
    const { height, prevHash } = blobs.readBlob(old.blocktemplate_blob, blobs.layouts.monero)
    assert.deepEqual([height, prevHash], [51, daemon.tip.prevHash])
    // It is taken, and leads nowhere.
    assert.equal((await submit(daemon, old.blocktemplate_blob)).result.status, 'OK')
    assert.equal((await header(daemon)).hash, network.tip.hash)
    await until(() => performance.now() - daemon.chain.since >= 400, { what: 'the old one is forgotten' })
    assert.equal((await askForWork(daemon)).result.prev_hash, daemon.tip.hash)
  }))

  test('those of the block below come for ever', LIMIT, () => withNetwork(1, async (network, daemon) => {
    daemon.giveTemplates('cached')
    const { blocktemplate_blob: blob, height } = (await askForWork(daemon)).result
    assert.deepEqual([blob.slice(4, 68), height], [daemon.tip.prevHash, 51])
  }))

  test('by both of the names that monerod has for it, and until it recovers', LIMIT, () => withNetwork(monerod, async (network, daemon) => {
    daemon.giveTemplates('busy')
    assert.equal((await ask(daemon, 'get_block_template', {})).error.code, -9)
    await daemon.recover()
    assert.equal((await ask(daemon, 'get_block_template', {})).error.code, -4)
  }))

  test('a mistyped kind is a mistake', LIMIT, () => withNetwork(1, (network, daemon) => {
    assert.throws(() => daemon.giveTemplates('stale'), /no 'stale'; there are busy,/)
    assert.throws(() => daemon.takeBlocks('toString'), /no 'toString'/)
  }))
})

describe('a block that is submitted', () => {
  const submitted = async (daemon, ...habit) => {
    const blob = await blockOf(daemon)
    daemon.takeBlocks(...habit)
    return submit(daemon, blob)
  }

  test("is taken, and the answer never comes: 'lost'", LIMIT, () => withNetwork(2, async (network, daemon, other) => {
    await assert.rejects(submitted(daemon, 'lost'), { code: 'ECONNRESET' })
    assert.deepEqual([daemon.tip.height, other.tip === daemon.tip], [51, true])
  }))

  test("is taken, and the answer comes late: 'late'", LIMIT, () => withNetwork(2, async (network, daemon, other) => {
    const start = performance.now()
    const answer = submitted(daemon, 'late', 300)
    await until(() => other.tip.height === 51, { what: 'it is spread' })
    assert.ok(performance.now() - start < 295)
    assert.equal((await answer).result.status, 'OK')
    assert.ok(performance.now() - start >= 295)
  }))

  test("is looked at late: 'slow'", LIMIT, () => withNetwork(1, async (network, daemon) => {
    const answer = submitted(daemon, 'slow', 200)
    await daemon.seen('submitblock')
    assert.equal(daemon.tip.height, 50)
    assert.equal((await answer).result.status, 'OK')
    assert.equal(daemon.tip.height, 51)
  }))

  for (const dialect of ['turtlecoin-0.28.3', 'monerod']) {
    test(`${dialect}: is not taken, though the answer says so: 'lie'`, LIMIT, () => withNetwork([{ dialect }], async (network, daemon) => {
      assert.equal((await submitted(daemon, 'lie')).result.status, 'OK')
      assert.deepEqual([daemon.tip.height, daemon.count('submitblock'), daemon.submitted.length], [50, 1, 0])
    }))
  }

  const kinds = [
    [['busy'], reply => reply.error.code, -9],
    [['overloaded'], reply => reply.error.code, -32003],
    [['unsynced'], reply => JSON.stringify(reply), UNSYNCED],
    [['status busy'], reply => reply.result.status, 'BUSY'],
    [['refused'], reply => reply.error.code, -7],
    [['result', {}], reply => reply.result, {}],
    [['result', false], reply => reply.result, false],
    [['result'], reply => reply.result, null],
    [['body'], reply => reply, null],
    [['body', false], reply => reply, false],
    [['body', {}], reply => reply, {}]
  ]
  for (const [habit, read, expected] of kinds) {
    test(`is not looked at: ${habit.map(part => JSON.stringify(part)).join(' ')}`, LIMIT, () => withNetwork(1, async (network, daemon) => {
      assert.deepEqual(read(await submitted(daemon, ...habit)), expected)
      assert.equal(daemon.tip.height, 50)
      daemon.takeBlocks()
      assert.equal((await submit(daemon, await blockOf(daemon))).result.status, 'OK')
    }))
  }

  test('is taken while templates are bad', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const blob = await blockOf(daemon)
    daemon.giveTemplates('busy')
    daemon.takeBlocks('late', 1)
    assert.equal((await askForWork(daemon)).error.code, -9)
    assert.equal((await submit(daemon, blob)).result.status, 'OK')
  }))
})

describe('connections from one address', () => {
  test('are ended at once where they are too many, and others are not', LIMIT, () => withNetwork([{ connectionLimit: 3 }], async (network, daemon) => {
    const agent = new http.Agent({ keepAlive: true })
    for (const reply of await Promise.all(Array.from({ length: 3 }, () => send(daemon, { agent })))) assert.equal(reply.status, 200)
    assert.equal(daemon.connections, 3)
    await assert.rejects(send(daemon), error => ['ECONNRESET', 'EPIPE'].includes(error.code))
    assert.equal((await send(daemon, { localAddress: '127.0.0.2' })).status, 200)
    assert.deepEqual([daemon.turnedAway, daemon.count()], [1, 4])
    agent.destroy()
    await until(() => daemon.connections === 0, { what: 'none is open' })
    assert.equal((await send(daemon)).status, 200)
  }))

  test('may be limited at any time', LIMIT, () => withNetwork(1, async (network, daemon) => {
    assert.equal(daemon.connectionLimit, Infinity)
    daemon.connectionLimit = 0
    await assert.rejects(send(daemon), error => ['ECONNRESET', 'EPIPE'].includes(error.code))
    daemon.connectionLimit = 1
    assert.equal((await send(daemon)).status, 200)
  }))
})
