'use strict'

// Switches are posted to a URL, whatever the server behind it does, and nothing of the pool waits for that.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const https = require('node:https')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { partsOf } = require('../lib/parts')
const Webhook = require('../lib/status/webhook')
const Standin = require('./standin/drive')
const selfSigned = require('./nodes/self-signed')
const { Child, inChild } = require('./support/child')
const { differences } = require('./support/declared')
const { HookServer, answers } = require('./support/hook-server')
const { LIMIT, Pool, configOf, onNetwork } = require('./support/pool')
const { until } = require('./support/until')

/** Five further tries, as in real life, but soon. */
const SOON = [5, 5, 5, 5, 5]

const switchNumber = (epoch, members) => ({
  event: 'switch',
  switch: {
    from: { host: 'a', port: 1, tls: false }, to: { host: 'b', port: 2, tls: false }, code: 'refused', reason: `Switch ${epoch}.`, votes: { branch: 3, all: 3 }, mode: 'multi', epoch, at: 5, ...members
  }
})

/** A block that was taken. */
const BLOCK = {
  id: 3, at: 5, height: 1204334, hash: 'ab'.repeat(32), told: 'accepted', late: false, by: { host: 'a', port: 1, tls: false }, seen: 2, depth: null, orphaned: true
}

/** Runs a test with a server that behaves like this, and a webhook that posts to it. */
const withHook = (behaviours, run, { limit = 10000, delays = SOON } = {}) => async () => {
  const server = await HookServer.listen(...behaviours)
  const said = []
  const webhook = new Webhook(server.url, (severity, text) => said.push(`${severity}: ${text}`), { delays, limit })
  try {
    await run({ server, webhook, said })
  } finally {
    webhook.stop()
    await server.close()
  }
}

const settledAs = (webhook, wanted) => until(`the counts ${JSON.stringify(wanted)}`, () => webhook.status(), status => {
  return Object.keys(wanted).every(name => status[name] === wanted[name])
})

describe('what is posted', () => {
  test('a switch as JSON, with the sentence where Discord and Slack look for it', LIMIT, onNetwork(4, async (network, P, A) => {
    const server = await HookServer.listen(answers.status(204))
    const pool = new Pool(network, network.daemons, { webhook: server.url })
    try {
      await pool.multiDaemon.ready
      await P.crash()
      await pool.rounds()
      const [{ method, url, type, body }] = await server.received(1)
      const { content, text, allowed_mentions: mentions, ...event } = body
      assert.deepEqual([method, url, type], ['POST', '/secret', 'application/json'])
      assert.deepEqual(event, pool.status.switches[0])
      assert.deepEqual([event.to.port, content, text, mentions], [A.port, event.reason, event.reason, { parse: [] }])
      await settledAs({ status: () => pool.status.webhook }, { delivered: 1, waiting: 0, failures: 0, lost: 0 })
      assert.deepEqual(differences(pool.status, 'Status'), [])
    } finally {
      await pool.multiDaemon.stop()
      await server.close()
    }
  }))

  test('without the option there is none, and no status tells of one', LIMIT, async () => {
    const { report } = await inChild(async (report, config) => {
      const multiDaemon = new (require('.').MultiDaemon)(config)
      await multiDaemon.ready
      report([require('./lib/parts').partsOf(multiDaemon).webhook, 'webhook' in multiDaemon.getStatus()])
    }, { args: [configOf([{ host: '127.0.0.1', port: 9 }, { host: '127.0.0.1', port: 7 }])] })
    assert.deepEqual(report, [null, false])
  })

  test('what a daemon says calls nobody in a chat room', LIMIT, withHook([answers.status(200)], async ({ server, webhook }) => {
    webhook.hear([switchNumber(1, { reason: 'error: <!channel> & @everyone' })])
    const [{ body }] = await server.received(1)
    assert.equal(body.text, 'error: &lt;!channel&gt; &amp; @everyone')
    assert.deepEqual(body.allowed_mentions, { parse: [] })
  }))

  test('a block that was taken and is lost, and none that is on its way', LIMIT, withHook([answers.status(204)], async ({ server, webhook }) => {
    webhook.hear([{ event: 'submitted', block: { ...BLOCK, orphaned: false } }, { event: 'lost', block: BLOCK }, switchNumber(1)])
    const [lost, next, ...others] = (await server.received(2)).map(({ body }) => body)
    const sentence = 'The block at 1204334 was accepted, but another block has its place in the chain now.'
    assert.deepEqual(lost, { block: BLOCK, content: sentence, text: sentence, allowed_mentions: { parse: [] } })
    assert.deepEqual([next.epoch, others], [1, []])
  }))

  test('switches in their order, one at a time', LIMIT, withHook([answers.later(20), answers.status(500), answers.status(200)], async ({ server, webhook }) => {
    for (const epoch of [1, 2, 3]) webhook.hear([switchNumber(epoch)])
    const posts = await server.received(4)
    assert.deepEqual(posts.map(({ body }) => body.epoch), [1, 2, 2, 3])
  }))
})

describe('a server that fails', () => {
  test('is asked again, and named once, without the secret in its URL', LIMIT, withHook(
    [answers.status(500), answers.reset, answers.status(408), answers.status(200)], async ({ server, webhook, said }) => {
      webhook.hear([switchNumber(1)])
      await settledAs(webhook, { delivered: 1, failures: 3, lost: 0, waiting: 0 })
      const name = server.url.replace('secret', '…')
      assert.deepEqual(said, [
        `warn: webhook ${name} fails: HTTP status 500; from now on failures are only counted, until the webhook works again`,
        `info: webhook ${name} works again`
      ])
    }))

  test('for good loses the switch after five further tries, and the next one has its own', LIMIT, withHook([answers.status(503)], async ({ server, webhook, said }) => {
    webhook.hear([switchNumber(1)])
    webhook.hear([switchNumber(2)])
    await settledAs(webhook, { delivered: 0, failures: 12, lost: 2, waiting: 0 })
    assert.equal(server.posts.length, 12)
    assert.equal(said.length, 1)
  }))

  test('is not asked again where it refuses the switch itself', LIMIT, withHook([answers.status(404), answers.status(200)], async ({ server, webhook }) => {
    webhook.hear([switchNumber(1)])
    webhook.hear([switchNumber(2)])
    await settledAs(webhook, { delivered: 1, failures: 1, lost: 1 })
    assert.deepEqual(server.posts.map(({ body }) => body.epoch), [1, 2])
  }))

  test('by redirecting is not followed', LIMIT, async () => {
    const elsewhere = await HookServer.listen(answers.status(200))
    const to = answers.status(302, { location: elsewhere.url })
    await withHook([to], async ({ webhook, said }) => {
      webhook.hear([switchNumber(1)])
      await settledAs(webhook, { lost: 1, delivered: 0 })
      assert.match(said[0], /HTTP status 302, a redirect, which the addon does not follow/)
      assert.equal(elsewhere.posts.length, 0)
    })()
    await elsewhere.close()
  })

  test('by never answering is left after the time limit', LIMIT, withHook([answers.hang, answers.status(200)], async ({ webhook, said }) => {
    webhook.hear([switchNumber(1)])
    await settledAs(webhook, { delivered: 1 })
    assert.match(said[0], /no answer within 300 ms/)
  }, { limit: 300 }))

  test('says how long to wait, and is given that time', LIMIT, withHook([answers.status(429, { 'retry-after': '1' }), answers.status(200)], async ({ server, webhook }) => {
    webhook.hear([switchNumber(1)])
    const [first, second] = await server.received(2)
    assert.ok(second.at - first.at > 950, `${second.at - first.at} ms`)
  }))

  test('refuses connections', LIMIT, async () => {
    const server = await HookServer.listen(answers.hang)
    const { url } = server
    await server.close()
    const said = []
    const webhook = new Webhook(url, (severity, text) => said.push(text), { delays: SOON })
    webhook.hear([switchNumber(1)])
    await settledAs(webhook, { lost: 1, failures: 6 })
    assert.match(said[0], /ECONNREFUSED/)
  })

  test('has a name that is not answered, and one question for it is under way at a time', LIMIT, async () => {
    const server = await HookServer.listen(answers.status(200))
    const asked = []
    const lookup = (host, options, callback) => asked.push(callback)
    const { port } = new URL(server.url)
    const webhook = new Webhook(`http://hooks.test:${port}/`, () => {}, { delays: SOON, limit: 20, lookup })
    try {
      webhook.post({ epoch: 1 }, 'one')
      await until('one failure', () => webhook.status().failures, failures => failures === 1)
      // The next try, whenever it comes.
      webhook.attempt()
      assert.deepEqual([asked.length, webhook.status().waiting], [1, 1])
      // From Node.js 20 on, all addresses are asked for.
      webhook.lookup = (host, { all }, callback) => all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)
      asked[0](null, [{ address: '127.0.0.1', family: 4 }])
      await until('it is delivered', () => webhook.status().delivered, delivered => delivered >= 1)
    } finally {
      webhook.stop()
      await server.close()
    }
  })

  test('shows a certificate that nobody trusts', LIMIT, async () => {
    const server = https.createServer(selfSigned, () => assert.fail('a request came through')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const said = []
    const webhook = new Webhook(`https://127.0.0.1:${server.address().port}/x`, (severity, text) => said.push(text), { delays: [] })
    webhook.hear([switchNumber(1)])
    await settledAs(webhook, { lost: 1 })
    assert.match(said[0], /certificate/)
    server.close()
  })

  test('talks without an end, and is not listened to', LIMIT, withHook([answers.endless], async ({ server, webhook }) => {
    webhook.hear([switchNumber(1)])
    await settledAs(webhook, { delivered: 1 })
    await until('the connection to be closed', () => new Promise(resolve => server.server.getConnections((error, count) => resolve(error || count))), count => count === 0)
  }))
})

describe('bounds', () => {
  test('at most 50 switches wait; the oldest of them are lost first', LIMIT, withHook([answers.hang], async ({ server, webhook }) => {
    for (let epoch = 1; epoch <= 60; epoch++) webhook.hear([switchNumber(epoch)])
    await server.received(1)
    assert.deepEqual(webhook.status(), { waiting: 50, delivered: 0, failures: 0, lost: 10 })
    const epochs = webhook.waiting.map(message => JSON.parse(message).epoch)
    assert.deepEqual([epochs[0], epochs[1], epochs[49]], [1, 12, 60])
  }))

  test('after stop() nothing is posted any more', LIMIT, withHook([answers.status(500), answers.status(200)], async ({ server, webhook }) => {
    webhook.hear([switchNumber(1)])
    await settledAs(webhook, { failures: 1 })
    webhook.stop()
    webhook.hear([switchNumber(2)])
    assert.deepEqual(webhook.status(), { waiting: 0, delivered: 0, failures: 1, lost: 1 })
    assert.equal(server.posts.length, 1)
  }, { delays: [100] }))

  test('a server that hangs keeps neither the event nor the end of the process waiting', LIMIT, onNetwork(4, async (network, P, A) => {
    const server = await HookServer.listen(answers.hang)
    const child = new Child(async (report, config) => {
      const pool = new (require('.').MultiDaemon)(config)
      await pool.ready
      pool.on('switch', event => report({ to: event.to.port }))
      report(null)
      // Alive until it is told to go on, and then by nothing but the post.
      process.stdin.once('data', () => process.stdin.destroy())
    }, { args: [configOf(network.daemons, { webhook: server.url, pollingInterval: 50 })] })
    try {
      assert.equal(await child.next(), null)
      await P.crash()
      assert.deepEqual(await child.next(), { to: A.port })
      await server.received(1)
      child.proceed()
      const { code, stderr } = await child.ended
      assert.deepEqual([code, stderr], [0, ''])
    } finally {
      child.kill()
      await server.close()
    }
  }))
})

describe('who posts', () => {
  test('the master of a pool, and none of its workers', LIMIT, onNetwork(4, async (network, P) => {
    const server = await HookServer.listen(answers.status(200))
    const pool = new Standin(Standin.configOf(network.daemons, { multiDaemon: { webhook: server.url, timeout: 5000 }, poolServer: { clusterForks: 2 } }))
    try {
      const counts = role => pool.says(role, ({ status }) => status.mode === 'multi' && status.webhook).then(({ status }) => status.webhook)
      for (const role of ['master', 'pool1', 'pool2']) assert.deepEqual(await counts(role), { waiting: 0, delivered: 0, failures: 0, lost: 0 })
      await P.crash()
      // Everybody has heard of the switch by the time that everybody says that it was delivered.
      for (const role of ['master', 'pool1', 'pool2']) await pool.says(role, ({ status }) => status.webhook.delivered === 1)
      assert.equal(server.posts.length, 1)
    } finally {
      await pool.end()
      await server.close()
    }
  }))

  test('to where the configuration says since it was replaced', LIMIT, onNetwork(4, async (network, P, A, B) => {
    const servers = [await HookServer.listen(answers.status(200)), await HookServer.listen(answers.status(200))]
    const pool = new Pool(network, network.daemons, { webhook: servers[0].url, minHealthy: 1 })
    try {
      await pool.multiDaemon.ready
      await P.crash()
      await pool.rounds()
      await servers[0].received(1)
      pool.multiDaemon.reconfigure(configOf(network.daemons, { webhook: servers[1].url, minHealthy: 1 }))
      await A.crash()
      await pool.rounds()
      const [{ body }] = await servers[1].received(1)
      assert.deepEqual([body.from.port, body.to.port, servers[0].posts.length], [A.port, B.port, 1])
    } finally {
      await pool.multiDaemon.stop()
      for (const server of servers) await server.close()
    }
  }))

  test('not a process that follows another one', LIMIT, onNetwork(4, async (network, P) => {
    const server = await HookServer.listen(answers.status(200))
    const Native = require('../lib/source/native')
    const pools = [true, false].map(decides => new MultiDaemon(configOf(network.daemons, { webhook: server.url }), (config, ear) => {
      return Object.assign(new Native(config, ear), { decides })
    }))
    try {
      await Promise.all(pools.map(pool => pool.ready))
      await P.crash()
      await Promise.all(pools.map(pool => pool.refresh()))
      await server.received(1)
      assert.deepEqual(pools.map(pool => pool.getStatus().switches.length), [1, 1])
      assert.deepEqual(pools.map(pool => Boolean(partsOf(pool).webhook)), [true, false])
    } finally {
      await Promise.all(pools.map(pool => pool.stop()))
      await server.close()
    }
  }))
})

test('a URL that cannot be posted to is a mistake that shows nothing of it: whoever has it may write there', () => {
  for (const [webhook, kind] of [['ftp://chat.example/secret', 'a string'], ['secret', 'a string'], [7, 'a number']]) {
    const message = `multiDaemon.webhook: ${kind} is not an http or https URL`
    const config = configOf([{ host: '127.0.0.1', port: 9 }, { host: '127.0.0.1', port: 7 }], { webhook })
    assert.throws(() => new MultiDaemon(config), { code: 'ERR_MULTI_DAEMON_CONFIG', message })
  }
})
