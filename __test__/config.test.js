'use strict'

// What the constructor says about configurations, and what it leaves behind.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { pollingIntervalOf } = require('../lib/config')
const { inChild } = require('./support/child')
const { LIMIT, configOf, onNetwork } = require('./support/pool')

/** Nobody listens there, and nobody is asked before a configuration is accepted. */
const daemon = port => ({ host: '127.0.0.1', port })
const good = { daemon: daemon(1), multiDaemon: { enabled: true, daemons: [daemon(2), daemon(3), daemon(4)] } }
const withBlock = members => ({ ...good, multiDaemon: { ...good.multiDaemon, ...members } })

/** The error that a configuration is refused with. */
function refusal (config) {
  try {
    new MultiDaemon(config).stop()
  } catch (error) {
    return error
  }
  throw new Error('it was accepted')
}

/** The warnings of the addon while something runs. */
async function warningsOf (run) {
  const heard = []
  const listen = warning => { if (warning.name === 'MultiDaemonWarning') heard.push(warning.message) }
  process.on('warning', listen)
  try {
    await run()
    // They are told in the next turn.
    await new Promise(setImmediate)
  } finally {
    process.off('warning', listen)
  }
  return heard
}

const accept = config => async () => {
  const multiDaemon = new MultiDaemon(config)
  await multiDaemon.stop()
}

describe('a mistake', () => {
  test('is a TypeError with a code and a list', () => {
    const error = refusal(withBlock({ timeout: -1 }))
    assert.ok(error instanceof TypeError)
    assert.equal(error.code, 'ERR_MULTI_DAEMON_CONFIG')
    assert.equal(error.mistakes.length, 1)
    assert.match(error.message, /multiDaemon\.timeout.*-1/)
  })

  test('is named together with all others', () => {
    const { mistakes, message } = refusal({
      daemon: { host: '', port: 70000 },
      coinDifficultyTarget: 'soon',
      multiDaemon: { enabled: 'yes', daemons: [daemon(2), { host: 'a' }, 7], pollingInterval: 0, fallback: 'worst', failback: true, minHealthy: 1.5 }
    })
    const members = ['daemon.host', 'daemon.port', 'coinDifficultyTarget', 'multiDaemon.enabled', 'multiDaemon.daemons[1].port', 'multiDaemon.daemons[2]',
      'multiDaemon.pollingInterval', 'multiDaemon.fallback', 'multiDaemon.failback', 'multiDaemon.minHealthy']
    for (const member of members) {
      assert.equal(mistakes.filter(text => text.startsWith(`${member}:`) || text.startsWith(`${member} `)).length, 1, `${member} in\n${message}`)
    }
    assert.equal(mistakes.length, members.length, message)
    for (const text of mistakes) assert.ok(message.includes(text))
  })

  for (const value of [NaN, Infinity, -Infinity]) {
    test(`is named as ${value} where a number is none`, () => {
      const { mistakes } = refusal(withBlock({ pollingInterval: value }))
      assert.equal(mistakes.length, 1)
      assert.ok(mistakes[0].includes(String(value)), mistakes[0])
    })
  }

  const refused = {
    'a configuration that is nothing': [{ ...good, daemon: undefined }, /^daemon/],
    'a primary that is text': [{ ...good, daemon: '127.0.0.1:1' }, /^daemon/],
    'a list that is no list': [withBlock({ daemons: { 0: daemon(2) } }), /daemons/],
    'an empty list': [withBlock({ daemons: [] }), /daemons/],
    'no list': [withBlock({ daemons: undefined }), /daemons/],
    'a port that is no number': [withBlock({ daemons: [{ host: 'a', port: 'x' }] }), /daemons\[0\]\.port/],
    'a port of 0': [withBlock({ daemons: [daemon(0)] }), /daemons\[0\]\.port/],
    'a host with a path': [withBlock({ daemons: [{ host: 'a/b', port: 1 }] }), /daemons\[0\]\.host/],
    'a gateway that is neither': [withBlock({ gateway: 'no' }), /multiDaemon\.gateway: a string is not true, false, or an object/],
    'a gateway at a port that is none': [withBlock({ gateway: { port: 70000 } }), /multiDaemon\.gateway\.port: 70000/],
    'a gateway that others reach without a password': [withBlock({ gateway: { host: '0.0.0.0', port: 1 } }), /multiDaemon\.gateway\.host: "0\.0\.0\.0".*password/],
    'a gateway with a member that nobody knows': [withBlock({ gateway: { prot: 1 } }), /multiDaemon\.gateway\.prot/],
    'a login without a name': [withBlock({ daemons: [{ ...daemon(2), login: 'secret' }] }), /multiDaemon\.daemons\[0\]\.login/],
    'a list for a number': [withBlock({ timeout: [] }), /timeout/],
    'a member that nobody knows': [withBlock({ poolingInterval: 5 }), /poolingInterval.*did you mean pollingInterval/]
  }
  for (const [what, [config, mistake]] of Object.entries(refused)) {
    test(`${what} is refused`, () => {
      const { code, mistakes } = refusal(config)
      assert.equal(code, 'ERR_MULTI_DAEMON_CONFIG')
      assert.match(mistakes.join('\n'), mistake)
    })
  }

  test('a circle or a BigInt in the block is refused as well', () => {
    const circle = withBlock({})
    circle.multiDaemon.status = circle
    for (const config of [circle, withBlock({ timeout: 1n })]) assert.equal(refusal(config).code, 'ERR_MULTI_DAEMON_CONFIG')
  })

  test('passwords are not repeated', () => {
    const secrets = { status: { port: 'x', password: ['secret'] }, gateway: { port: 'x', password: ['secret'] }, daemons: [{ ...daemon(2), login: 'secret', ha: { password: ['secret'] } }] }
    for (const webhook of ['ftp://user:secret@example', 'https://example:secret', 'secret']) {
      const { mistakes } = refusal(withBlock({ ...secrets, webhook }))
      assert.deepEqual(mistakes.filter(mistake => mistake.includes('secret')), [])
      assert.equal(mistakes.length, 7, mistakes.join())
    }
  })

  test('leaves nothing running', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const { code, signal, report } = await inChild((report, config) => {
      const { MultiDaemon } = require('.')
      const threads = () => require('fs').readdirSync('/proc/self/task').length
      const before = process.platform === 'linux' ? threads() : 0
      let refused = 0
      for (let times = 0; times < 50; times++) {
        try { new MultiDaemon(config) } catch (error) { refused += error.code === 'ERR_MULTI_DAEMON_CONFIG' }
      }
      const timers = process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
      report({ refused, timers, threads: process.platform === 'linux' ? threads() - before : 0 })
    }, { args: [configOf(daemons, { pollingInterval: 10, timeout: -1 })] })
    assert.deepEqual({ code, signal, report }, { code: 0, signal: null, report: { refused: 50, timers: 0, threads: 0 } })
    assert.deepEqual(daemons.map(({ accepted }) => accepted), [0, 0, 0, 0])
  }))
})

describe('a configuration', () => {
  test('of four daemons has no warning', LIMIT, async () => {
    assert.deepEqual(await warningsOf(accept(good)), [])
  })

  test('is not changed', LIMIT, async () => {
    const config = withBlock({ timeout: 100 })
    const before = structuredClone(config)
    await accept(config)()
    assert.deepEqual(config, before)
  })

  test('may have other members of any kind', LIMIT, async () => {
    const circle = {}
    circle.circle = circle
    assert.deepEqual(await warningsOf(accept({ ...good, poolServer: circle, n: 1n, f () {} })), [])
  })

  test('may still have a member that was of effect once', LIMIT, async () => {
    assert.deepEqual(await warningsOf(accept(withBlock({ rpcTimeout: 5000 }))), [])
  })

  test('with the misspelt block works with a warning', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const { multiDaemon: block, ...rest } = configOf(daemons)
    let healthy
    const warnings = await warningsOf(async () => {
      const multiDaemon = new MultiDaemon({ ...rest, mutliDaemon: block })
      healthy = (await multiDaemon.ready).healthy
      await multiDaemon.stop()
    })
    assert.equal(healthy, 4)
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /mutliDaemon.*multiDaemon/)
  }))

  test('with fewer than four daemons has a warning, in the status too', LIMIT, async () => {
    const config = withBlock({ daemons: [daemon(2), daemon(3)] })
    let status
    const warnings = await warningsOf(async () => {
      const multiDaemon = new MultiDaemon(config)
      status = multiDaemon.getStatus()
      await multiDaemon.stop()
    })
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /3 daemons.*fewer than 4/)
    assert.deepEqual(status.warnings, warnings)
  })

  test('with more healthy daemons wanted than there are has a warning', LIMIT, async () => {
    const warnings = await warningsOf(accept(withBlock({ minHealthy: 9 })))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /minHealthy is 9.*4 daemons/)
  })

  test('may give ports as text', LIMIT, onNetwork(4, async (network, ...daemons) => {
    const config = configOf(daemons.map(({ host, port }) => ({ host, port: String(port) })))
    const multiDaemon = new MultiDaemon(config)
    assert.equal((await multiDaemon.ready).healthy, 4)
    assert.deepEqual(multiDaemon.getDaemon(), { host: '127.0.0.1', port: daemons[0].port, tls: false })
    await multiDaemon.stop()
  }))

  test('speaks https on port 443 unless told otherwise', LIMIT, async () => {
    const tlsOf = config => {
      const multiDaemon = new MultiDaemon(config)
      multiDaemon.stop()
      return multiDaemon.getDaemon().tls
    }
    const primary = members => ({ ...good, daemon: { host: '127.0.0.1', ...members } })
    assert.deepEqual([{ port: 443 }, { port: 443, tls: false }, { port: 1, tls: true }, { port: 1 }].map(primary).map(tlsOf), [true, false, true, false])
  })
})

test('the time that nobody checks, in a worker, counts as left out where no timer can keep it', () => {
  const timeOf = pollingInterval => pollingIntervalOf(withBlock({ pollingInterval }))
  for (const value of [undefined, 'soon', '400', null, true, [400], -1, 0, 1e10, 1e400]) assert.equal(timeOf(value), 5000, String(value))
  assert.equal(timeOf(400), 400)
  assert.equal(pollingIntervalOf({ daemon: daemon(1) }), 5000)
})
