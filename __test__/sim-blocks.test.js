'use strict'

// How simulated daemons come to blocks: what a pool's bytes say, how long it takes, and the race that damages a TurtleCoind.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { blobs, sleep, until } = require('../sim')
const { LIMIT, ask, askForWork, call, header, info, recordings, submit, withNetwork } = require('./support/sim')

const DIALECTS = ['turtlecoin-0.28.3', 'turtlecoin-legacy', 'monerod']
const OK = 'OK'

const templateOf = async daemon => (await askForWork(daemon)).result.blocktemplate_blob
/** A block that nobody has yet. */
const blockOf = async (daemon, nonce = 1) => blobs.withNonce(await templateOf(daemon), nonce)
const statusOf = ({ result, error }) => result ? result.status : error.code

describe('the bytes of a block', () => {
  const real = [['turtlecoin-0.28.3', 'turtlecoin', 4], ['monerod-0.18.0', 'monero', 5]]
  for (const [folder, layout, height] of real) {
    const { body: { result } } = Object.fromEntries(recordings(folder))['rpc-getblocktemplate']
    const blob = result.blocktemplate_blob

    test(`${folder}: a real template is read`, () => {
      const said = blobs.readBlob(blob, blobs.layouts[layout])
      assert.deepEqual([said.height, said.nonce, new Date(1000 * said.timestamp).getUTCFullYear()], [height, 0, 2026])
      assert.equal(said.prevHash, result.prev_hash || blob.slice(4, 68))
    })

    test(`${folder}: one of ours is as long, with the pool's bytes in the same place`, () => {
      const { timestamp, prevHash } = blobs.readBlob(blob, blobs.layouts[layout])
      const ours = blobs.writeBlob(blobs.layouts[layout], { timestamp, prevHash, height, reserveSize: 8 })
      assert.deepEqual([ours.blob.length, ours.reservedOffset], [blob.length, result.reserved_offset])
      // All of the header, which is what a block is told by.
      assert.equal(blob.startsWith(ours.header), true)
    })
  }

  test('nothing is missing, nothing is too much, and nothing else is a block', () => {
    const { blob } = blobs.writeBlob(blobs.layouts.turtlecoin, { timestamp: 1600000000, prevHash: 'ab'.repeat(32), height: 300 })
    assert.equal(blobs.readBlob(blob, blobs.layouts.turtlecoin).height, 300)
    for (const other of [blob + '00', blob.slice(0, -2), blob.slice(0, -1), '', '00ff', 'x', undefined, 7]) {
      assert.equal(blobs.readBlob(other, blobs.layouts.turtlecoin), null)
    }
    assert.equal(blobs.readBlob(blob, blobs.layouts.monero), null)
  })

  test("TurtleCoin's first version has the layout of monero", () => {
    const plain = '0100' + blobs.layouts.monero.header({ timestamp: 1600000000, prevHash: 'cd'.repeat(32), nonce: 7 }).slice(4)
    const blob = plain + blobs.layouts.turtlecoin.coinbase({ height: 3, reward: 12, reserveSize: 0, seed: '' }) + '00'
    const { prevHash, timestamp, nonce } = blobs.readBlob(blob, blobs.layouts.turtlecoin)
    assert.deepEqual([prevHash, timestamp, nonce], ['cd'.repeat(32), 1600000000, 7])
  })
})

for (const dialect of DIALECTS) {
  describe(`a ${dialect} that is given a block`, () => {
    const layout = blobs.layouts[dialect === 'monerod' ? 'monero' : 'turtlecoin']
    const two = [{ dialect }, { dialect }]

    test('shows exactly what the block says, by height, by hash and as its last', LIMIT, () => withNetwork(two, async (network, a, b) => {
      const blob = await blockOf(a, 0xfedcba98)
      const { nonceAt, ...said } = blobs.readBlob(blob, layout)
      assert.equal(statusOf(await submit(a, blob)), OK)
      for (const daemon of [a, b]) {
        const { result: byHeight } = await ask(daemon, 'getblockheaderbyheight', { height: 51 })
        const { result: byHash } = await ask(daemon, 'getblockheaderbyhash', { hash: said.hash })
        for (const shown of [await header(daemon), byHeight.block_header, byHash.block_header]) {
          const { prev_hash: prevHash, timestamp, nonce, height, hash } = shown
          assert.deepEqual({ prevHash, timestamp, nonce, height, hash }, said)
        }
      }
      assert.equal(said.nonce, 0xfedcba98)
    }))

    test('takes two blocks on one for two, of which the first stays', LIMIT, () => withNetwork(two, async (network, a, b) => {
      const [first, second] = [await blockOf(a, 1), await blockOf(a, 2)]
      for (const blob of [first, second]) assert.equal(statusOf(await submit(a, blob)), OK)
      assert.deepEqual([a.tip.nonce, b.tip.nonce, a.tip === b.tip], [1, 1, true])
      const { hash } = blobs.readBlob(second, layout)
      assert.equal((await ask(a, 'getblockheaderbyhash', { hash })).result.block_header.orphan_status, true)
    }))

    test('refuses one whose coinbase is for another height', LIMIT, () => withNetwork([{ dialect }], async (network, daemon) => {
      const blob = await blockOf(daemon)
      const old = daemon.tip.hash
      network.mine()
      const moved = blob.replace(old, daemon.tip.hash)
      assert.equal((await submit(daemon, moved)).error.code, -7)
      assert.equal(statusOf(await submit(daemon, blob)), OK)
    }))

    const pair = [{ dialect }, { dialect, refusesKnown: true }]
    test('may answer -7 to one that it has already', LIMIT, () => withNetwork(pair, async (network, accepts, refuses) => {
      const blob = await blockOf(accepts)
      assert.equal(statusOf(await submit(accepts, blob)), OK)
      assert.equal(statusOf(await submit(accepts, blob)), OK)
      const { error } = await submit(refuses, blob)
      assert.deepEqual({ code: error.code, message: error.message }, { code: -7, message: 'Block not accepted' })
    }))
  })
}

test('a block on one that nobody knows is refused by TurtleCoind, and monerod says OK and forgets it', LIMIT, () =>
  withNetwork(DIALECTS.map(dialect => ({ dialect })), async (network, ...daemons) => {
    const verdicts = []
    for (const daemon of daemons) {
      const blob = (await blockOf(daemon)).replace(daemon.tip.hash, 'ab'.repeat(32))
      verdicts.push(statusOf(await submit(daemon, blob)))
    }
    assert.deepEqual(verdicts, [-7, -7, OK])
    for (const daemon of daemons) assert.deepEqual([daemon.tip.height, (await info(daemon).catch(() => ({}))).alt_blocks_count || 0], [50, 0])
  }))

describe('time', { concurrency: 4 }, () => {
  test('passes while a block is added: before it is there, before a pool gets its answer, before peers know of it', LIMIT, () =>
    withNetwork(2, async (network, a, b) => {
      const blob = await blockOf(a)
      const start = performance.now()
      let told = false
      const answer = submit(a, blob).then(reply => { told = true; return reply })
      await until(() => a.adding.length === 1, { what: 'it is under way' })
      assert.deepEqual([told, a.tip.height, b.tip.height, b.adding], [false, 50, 50, []])
      assert.equal(statusOf(await answer), OK)
      assert.ok(performance.now() - start >= 295)
      assert.deepEqual([a.tip.height, b.tip.height], [51, 50])
      await until(() => b.tip === a.tip, { what: 'it is spread' })
      assert.ok(performance.now() - start >= 595)
    }, { addTime: 300 }))

  test('is longer for the first block after a start, and after every other one', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const time = async () => {
      const start = performance.now()
      const tip = network.mine()
      await until(() => daemon.tip === tip, { what: 'the block is there', every: 1 })
      return performance.now() - start
    }
    for (let life = 0; life < 2; life++) {
      const times = [await time(), await time()]
      assert.ok(times[0] >= 395 && times[1] < 300, `${times}`)
      await daemon.crash()
      await daemon.restart()
    }
  }, { firstAddTime: 400, addTime: 5 }))

  test('passes between a daemon and the others', LIMIT, () => withNetwork(2, async (network, a, b) => {
    await submit(a, await blockOf(a))
    assert.deepEqual([a.tip.height, b.tip.height], [51, 50])
    // It has more than it was told that there is, until its peers tell it back.
    assert.deepEqual([(await info(a)).height, (await info(a)).network_height, (await info(a)).synced], [52, 51, false])
    await until(() => b.tip === a.tip, { what: 'it is spread' })
    await until(() => a.chain.networkHeight === 52, { what: 'it is told back' })
  }, { propagation: 500 }))

  test('passes for each block that a daemon has missed', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const heights = new Set()
    network.mine(3)
    await until(() => heights.add(daemon.tip.height) && daemon.tip === network.tip, { what: 'all are there', every: 1 })
    assert.deepEqual([...heights], [50, 51, 52, 53])
  }, { addTime: 150 }))

  test('ends with a crash: what was being added is lost, and the process is free to end', LIMIT, () => withNetwork(2, async (network, a, b) => {
    const lost = submit(a, await blockOf(a)).then(() => 'answered', error => error.code)
    await until(() => a.adding.length === 1, { what: 'it is under way' })
    await a.crash()
    assert.equal(await lost, 'ECONNRESET')
    await a.restart()
    await sleep(150)
    assert.deepEqual([a.tip.height, b.tip.height, a.adding], [50, 50, []])
  }, { addTime: 100 }))
})

describe('a block that comes from a pool and from a peer at once', { concurrency: 4 }, () => {
  async function offerToAll (daemons) {
    const blob = await blockOf(daemons[0])
    return Promise.all(daemons.map(daemon => submit(daemon, blob)))
  }
  const settled = network => until(() => network.daemons.every(daemon => daemon.adding.length === 0), { what: 'all is added' })

  test('is stored twice by TurtleCoind 0.22 to 0.28.3', LIMIT, () => withNetwork(4, async (network, ...daemons) => {
    const damages = []
    for (const daemon of daemons) daemon.on('damage', ({ nonce }) => damages.push(nonce))
    for (const reply of await offerToAll(daemons)) assert.equal(statusOf(reply), OK)
    await settled(network)
    assert.ok(network.damaged >= 1)
    assert.equal(network.damaged, daemons.filter(daemon => daemon.damaged).length)
    assert.deepEqual(damages, Array(network.damaged).fill(1))
  }, { addTime: 200 }))

  test('is stored twice as well where the peer was first, but for 0.24 and later, which have heard of it and refuse', LIMIT, () =>
    withNetwork([{}, { needsSync: false }, {}], async (network, a, old, later) => {
      const blob = await blockOf(a)
      await submit(a, blob)
      assert.deepEqual([old.adding.length, later.adding.length], [1, 1])
      const [taken, refused] = await Promise.all([submit(old, blob), submit(later, blob)])
      assert.deepEqual([statusOf(taken), refused.status], [OK, 'Failed'])
      await settled(network)
      assert.deepEqual([a.damaged, old.damaged, later.damaged], [false, true, false])
    }, { addTime: 300 }))

  for (const dialect of ['turtlecoin-legacy', 'monerod']) {
    test(`is stored once by a ${dialect}`, LIMIT, () => withNetwork(Array(4).fill({ dialect }), async (network, ...daemons) => {
      await offerToAll(daemons)
      await settled(network)
      assert.equal(network.damaged, 0)
      for (const daemon of daemons) assert.equal(daemon.tip, daemons[0].tip)
    }, { addTime: 50 }))
  }

  test('is stored once if it is offered to one alone, and to the others when they have it', LIMIT, () => withNetwork(4, async (network, ...daemons) => {
    const blob = await blockOf(daemons[0])
    await submit(daemons[0], blob)
    await until(() => daemons.every(daemon => daemon.tip.height === 51), { what: 'all have it' })
    for (const daemon of daemons) assert.equal(statusOf(await submit(daemon, blob)), OK)
    await settled(network)
    assert.equal(network.damaged, 0)
  }, { addTime: 50, propagation: 10 }))

  test('is stored once if it spreads later than all have added it', LIMIT, () => withNetwork(4, async (network, ...daemons) => {
    await offerToAll(daemons)
    await until(() => daemons.every(daemon => daemon.chain.networkHeight === 52), { what: 'it has gone round' })
    assert.equal(network.damaged, 0)
  }, { addTime: 20, propagation: 500 }))

  test('is stored once by a daemon that two pools give it at once', LIMIT, () => withNetwork(1, async (network, daemon) => {
    const blob = await blockOf(daemon)
    for (const reply of await Promise.all([submit(daemon, blob), submit(daemon, blob)])) assert.equal(statusOf(reply), OK)
    assert.deepEqual([network.damaged, daemon.tip.height], [0, 51])
  }, { addTime: 50 }))

  test('takes no time where nothing is said of time, and damages nobody', LIMIT, () => withNetwork(4, async (network, ...daemons) => {
    await offerToAll(daemons)
    assert.deepEqual([network.damaged, ...daemons.map(daemon => daemon.tip.height)], [0, 51, 51, 51, 51])
  }))
})

describe('a damaged daemon', { concurrency: 4 }, () => {
  /** The second of two daemons has a block twice. */
  const withDamage = (options, run) => withNetwork([{}, { addTime: 400, ...options }], async (network, well, damaged) => {
    const blob = await blockOf(well)
    await Promise.all([submit(well, blob), submit(damaged, blob)])
    await until(() => damaged.damaged, { what: 'the block is there twice' })
    assert.equal(well.damaged, false)
    await run(network, well, damaged)
  }, { addTime: 100 })

  test('shows one hash at two heights', LIMIT, () => withDamage({}, async (network, well, damaged) => {
    const at = async height => (await ask(damaged, 'getblockheaderbyheight', { height })).result.block_header
    const [lower, upper, last] = [await at(51), await at(52), await header(damaged)]
    assert.deepEqual([lower.hash, upper.hash, last.hash, last.height], [well.tip.hash, well.tip.hash, well.tip.hash, 52])
    assert.deepEqual([lower.prev_hash, upper.prev_hash], [well.tip.prevHash, well.tip.prevHash])
    const { block_header: byHash } = (await ask(damaged, 'getblockheaderbyhash', { hash: well.tip.hash })).result
    assert.deepEqual([byHash.height, byHash.depth], [51, 1])
    assert.equal((await info(damaged)).height, 53)
  }))

  test('gets no further blocks, and no restart mends that', LIMIT, () => withDamage({}, async (network, well, damaged) => {
    network.mine(3)
    await until(() => well.tip === network.tip, { what: 'the other one has them' })
    await damaged.kill()
    await damaged.restart()
    await damaged.recover()
    network.mine()
    await until(() => well.tip === network.tip, { what: 'the other one has the next' })
    const { height, network_height: networkHeight, synced } = await info(damaged)
    assert.deepEqual([height, networkHeight, synced, damaged.damaged], [53, 56, false, true])
  }))

  test('takes none for the height that the others are at, and keeps its own to itself', LIMIT, () => withDamage({}, async (network, well, damaged) => {
    const [next, own] = [await blockOf(well), await blockOf(damaged)]
    assert.equal((await submit(damaged, next)).error.code, -7)
    assert.equal(statusOf(await submit(damaged, own)), OK)
    assert.deepEqual([damaged.tip.height, well.tip.height, well.chain.networkHeight], [53, 51, 52])
  }))

  test('may answer HTTP status 500 to whoever asks for headers', LIMIT, () => withDamage({ damage: 'broken' }, async (network, well, damaged) => {
    const calls = [['getlastblockheader'], ['getblockheaderbyheight', { height: 5 }], ['getblockheaderbyhash', { hash: well.tip.prevHash }]]
    for (const [method, params] of calls) {
      const { status, type, text } = await call(damaged, method, params)
      assert.deepEqual([status, type, JSON.parse(text).status], [500, 'application/json', 'Failed'])
    }
    assert.equal((await info(damaged)).status, OK)
  }))
})

describe('a killed daemon', { concurrency: 4 }, () => {
  test('comes back one block lower, and has that block again once it has found a peer', LIMIT, () => withNetwork(2, async (network, well, killed) => {
    const hash = killed.tip.hash
    await killed.kill()
    await killed.restart({ syncTime: 500 })
    assert.deepEqual([(await header(killed)).height, (await header(killed)).hash], [49, well.tip.prevHash])
    const { height, network_height: networkHeight, synced } = await info(killed)
    assert.deepEqual([height, networkHeight, synced], [50, 1, false])
    await until(() => killed.tip.hash === hash, { what: 'it has found a peer' })
    assert.deepEqual([(await info(killed)).network_height, (await info(killed)).synced], [51, true])
  }))

  test('has lost a block that nobody else had', LIMIT, () => withNetwork(2, async (network, alone, other) => {
    network.partition(alone)
    await submit(alone, await blockOf(alone))
    assert.equal(alone.tip.height, 51)
    await alone.kill()
    network.heal()
    await alone.restart({ syncTime: 500 })
    assert.equal(alone.tip.height, 50)
    assert.equal(other.tip.height, 51)
  }))

  test('is as it was before after a crash', LIMIT, () => withNetwork(1, async (network, daemon) => {
    await daemon.crash()
    await daemon.restart({ syncTime: 10000 })
    assert.equal((await header(daemon)).height, 50)
  }))
})
