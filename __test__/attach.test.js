'use strict'

// What attach() does to the process and to the configuration it is given. It is for once in a process, so each test has one.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const Idle = require('../lib/source/idle')
const { freePorts } = require('./support/ports')

const LIMIT = { timeout: 60000 }
const ROOT = JSON.stringify(path.join(__dirname, '..'))
/** Nobody listens there, and nothing has to. */
const CONFIG = { daemon: { host: '127.0.0.1', port: 9, note: 'kept' }, multiDaemon: { enabled: true, daemons: [{ host: '127.0.0.1', port: 7 }] } }

/** Runs code in a process of its own; what it gives to `show` comes back. */
function run (config, code, { environment } = {}) {
  const script = `
    const { MultiDaemon, attach, current } = require(${ROOT})
    const config = ${JSON.stringify(config)}
    const lines = []
    const log = (severity, system, text, data) => { data.unshift(text); lines.push([severity, system, require('util').format(...data)]) }
    const show = value => process.stdout.write(JSON.stringify(value), () => process.exit())
    ${code}`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 50000, env: { ...process.env, ...environment } })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout)
}

describe('switched off, nothing is touched', () => {
  const code = `
    const cluster = require('cluster')
    const traces = () => [
      Object.keys(require.cache).filter(file => file.endsWith('.node')).length, process.listenerCount('message'),
      cluster.listenerCount('message'), cluster.listenerCount('online'), process.env.MULTI_DAEMON_STATE || null,
      process._getActiveHandles().filter(handle => handle.constructor.name === 'Timer').length,
      (process.getActiveResourcesInfo ? process.getActiveResourcesInfo() : []).filter(name => name === 'Timeout').length,
      require('http').globalAgent === agent, Object.getOwnPropertyDescriptor(config.daemon || {}, 'host'), JSON.stringify(config)
    ]
    const agent = require('http').globalAgent
    const before = traces()
    const answer = attach(config, { log })
    show({ answer, current: current(), before, after: traces(), lines })`
  for (const [name, config] of [
    ['without the block', { daemon: CONFIG.daemon }],
    ['with the block not enabled', { ...CONFIG, multiDaemon: { ...CONFIG.multiDaemon, enabled: false } }],
    ['with the block not saying', { ...CONFIG, multiDaemon: {} }],
    ['with nonsense for a block', { ...CONFIG, multiDaemon: 'yes' }],
    ['with nothing at all', {}]
  ]) {
    test(name, LIMIT, () => {
      const { answer, current, before, after, lines } = run(config, code)
      assert.deepEqual([answer, current, lines], [null, null, []])
      assert.deepEqual(after, before)
    })
  }
})

/** The pool asks by itself. */
const WITHOUT = { ...CONFIG, multiDaemon: { ...CONFIG.multiDaemon, gateway: false } }
const TLS = { daemons: [{ host: '127.0.0.1', port: 7, tls: true }] }

describe('the configuration names the gateway', () => {
  test('in plain values, and nothing else changes', LIMIT, () => {
    const [keys, host, port, gateway, ...rest] = run(CONFIG, `
      const before = JSON.stringify(config)
      const multiDaemon = attach(config, { log })
      const { host, port } = Object.getOwnPropertyDescriptors(config.daemon)
      show([Object.keys(config.daemon), host, port, multiDaemon.getStatus().gateway, JSON.stringify(config) === before, config.daemon.note,
        multiDaemon === current(), multiDaemon.getDaemon().port])`)
    const plain = value => ({ value, writable: true, enumerable: true, configurable: true })
    assert.deepEqual([keys, host, port], [['host', 'port', 'note'], plain('127.0.0.1'), plain(gateway.port)])
    assert.ok(gateway.port > 0 && ![7, 9].includes(gateway.port))
    assert.deepEqual(rest, [true, 'kept', true, 9])
  })

  test('until the pool itself writes something else there', LIMIT, () => {
    assert.deepEqual(run(CONFIG, `
      attach(config, { log })
      config.daemon.port = 5
      show([config.daemon.port, lines.some(([severity]) => severity === 'warn' && /follows/.test(JSON.stringify(lines)))])`), [5, false])
  })

  test('where the configuration says it is to be', LIMIT, async () => {
    const [port] = await freePorts(1)
    const seen = run({ ...CONFIG, multiDaemon: { ...CONFIG.multiDaemon, gateway: { port } } }, 'attach(config, { log }); show([config.daemon.host, config.daemon.port])')
    assert.deepEqual(seen, ['127.0.0.1', port])
  })

  test('as JSON and to another MultiDaemon it stays the original', LIMIT, () => {
    const [gateway, ...seen] = run(CONFIG, `
      const multiDaemon = attach(config, { log })
      const other = new MultiDaemon(config)
      const idle = new MultiDaemon({ daemon: config.daemon })
      show([multiDaemon.getStatus().gateway, Object.assign({}, config.daemon), JSON.parse(JSON.stringify(config)).daemon, other.getDaemon(), idle.getDaemon()])`)
    const original = { host: '127.0.0.1', port: 9, tls: false }
    assert.deepEqual(seen, [{ ...gateway, note: 'kept' }, CONFIG.daemon, original, original])
  })

  test('whichever daemon is in use, and given to reconfigure() it is the original', LIMIT, () => {
    const [gateway, ...seen] = run(CONFIG, `
      const multiDaemon = attach(config, { log })
      const ports = () => [multiDaemon.getDaemon().port, config.daemon.port]
      multiDaemon.pin('127.0.0.1', 7, 60000)
      const pinned = ports()
      multiDaemon.reconfigure(config)
      const { gateway, primary, daemons } = multiDaemon.getStatus()
      const during = ports()
      multiDaemon.unpin()
      show([gateway.port, pinned, primary.port, daemons.map(({ port }) => port), during, ports()])`)
    assert.deepEqual(seen, [[7, gateway], 9, [9, 7], [7, gateway], [9, gateway]])
  })

  test('until it is replaced by one without a gateway, and again with one, which has happened when reconfigure() returns', LIMIT, () => {
    const [first, without, second, lines] = run(CONFIG, `
      const multiDaemon = attach(config, { log })
      const seen = [multiDaemon.getStatus().gateway.port]
      const replace = gateway => multiDaemon.reconfigure(Object.assign({}, config, { multiDaemon: Object.assign({}, config.multiDaemon, { gateway }) }))
      multiDaemon.pin('127.0.0.1', 7, 60000)
      replace(false)
      seen.push([multiDaemon.getStatus().gateway, config.daemon.port])
      replace(true)
      seen.push([multiDaemon.getStatus().gateway.port, config.daemon.port])
      const ofGateway = () => lines.filter(([, , line]) => line.includes('gateway'))
      setTimeout(function wait () { ofGateway().length < 3 ? setTimeout(wait, 5) : show([...seen, ofGateway()]) })`)
    assert.deepEqual(without, [null, 7])
    assert.equal(second[0], second[1])
    assert.deepEqual(lines, [
      ['info', 'multiDaemon', `requests go through the gateway at 127.0.0.1:${first}`],
      ['warn', 'multiDaemon', 'there is no gateway: the pool asks the daemon in use directly'],
      ['info', 'multiDaemon', `requests go through the gateway at 127.0.0.1:${second[0]}`]
    ])
  })

  test('until stop(): then it names the last daemon, nobody listens, and nothing is left in the environment', LIMIT, () => {
    const seen = run(CONFIG, `
      const multiDaemon = attach(config, { log })
      multiDaemon.pin('127.0.0.1', 7, 60000)
      const during = typeof process.env.MULTI_DAEMON_STATE
      const { port, host } = config.daemon
      multiDaemon.stop().then(() => multiDaemon.stop()).then(() => {
        const after = [during, typeof process.env.MULTI_DAEMON_STATE, config.daemon.port, require('cluster').listenerCount('message'), multiDaemon.hold]
        // Who knocks while the listener is being closed is reset.
        const knock = () => require('net').connect(port, host).on('connect', function () { this.destroy(); setTimeout(knock, 5) }).on('error', ({ code }) => code === 'ECONNRESET' ? setTimeout(knock, 5) : show([...after, code]))
        knock()
      })`)
    assert.deepEqual(seen, ['string', 'undefined', 7, 0, false, 'ECONNREFUSED'])
  })

  test('a second attach gives what the first one gave', LIMIT, () => {
    assert.deepEqual(run(CONFIG, 'show([attach(config, { log }) === attach({ daemon: {} }), attach() === current()])'), [true, true])
  })

  test('watching alone does not keep a process alive', LIMIT, () => {
    const { status, signal } = spawnSync(process.execPath, ['-e', `require(${ROOT}).attach(${JSON.stringify(CONFIG)}, { log () {} })`], { timeout: 30000 })
    assert.deepEqual([status, signal], [0, null])
  })
})

describe('without a gateway the configuration is live', () => {
  test('host and port are accessors that can be enumerated, and nothing else changes', LIMIT, () => {
    const seen = run(WITHOUT, `
      const before = JSON.stringify(config)
      const multiDaemon = attach(config, { log })
      const { get, set, enumerable } = Object.getOwnPropertyDescriptor(config.daemon, 'port')
      show([Object.keys(config.daemon), typeof get, typeof set, enumerable, JSON.stringify(config) === before,
        config.daemon.host, config.daemon.port, multiDaemon.getStatus().gateway])`)
    assert.deepEqual(seen, [['host', 'port', 'note'], 'function', 'function', true, true, '127.0.0.1', 9, null])
  })

  test('it answers the daemon in use; as JSON and to another MultiDaemon it stays the original', LIMIT, () => {
    const seen = run(WITHOUT, `
      const multiDaemon = attach(config, { log })
      multiDaemon.pin('127.0.0.1', 7, 60000)
      const other = new MultiDaemon(config)
      const idle = new MultiDaemon({ daemon: config.daemon })
      const pinned = [config.daemon.port, JSON.parse(JSON.stringify(config)).daemon, other.getDaemon(), idle.getDaemon(), Object.assign({}, config.daemon)]
      multiDaemon.unpin()
      show([...pinned, config.daemon.port])`)
    const original = { host: '127.0.0.1', port: 9, tls: false }
    assert.deepEqual(seen, [7, CONFIG.daemon, original, original, { host: '127.0.0.1', port: 7, note: 'kept' }, 9])
  })

  test('given to reconfigure() it is the original, and goes on following the daemon in use', LIMIT, () => {
    const seen = run(WITHOUT, `
      const multiDaemon = attach(config, { log })
      multiDaemon.pin('127.0.0.1', 7, 60000)
      multiDaemon.reconfigure(config)
      const { primary, daemons } = multiDaemon.getStatus()
      const during = config.daemon.port
      multiDaemon.unpin()
      show([during, primary.port, daemons.map(({ port }) => port), config.daemon.port])`)
    assert.deepEqual(seen, [7, 9, [9, 7], 9])
  })

  test('another one with a daemon that the pool cannot speak to is refused', LIMIT, () => {
    const code = `
      const multiDaemon = attach(config, { log })
      const before = multiDaemon.getStatus()
      const next = Object.assign({}, config, { multiDaemon: Object.assign({}, config.multiDaemon, ${JSON.stringify(TLS)}) })
      let refusal = null
      try {
        multiDaemon.reconfigure(next)
      } catch (error) { refusal = [error.code, error.mistakes, JSON.stringify(multiDaemon.getStatus()) === JSON.stringify(before)] }
      show(refusal || multiDaemon.getStatus().daemons[1].tls)`
    const [error, [mistake, ...others], same] = run(WITHOUT, code)
    assert.deepEqual([error, others, same], ['ERR_MULTI_DAEMON_CONFIG', [], true])
    assert.match(mistake, /^multiDaemon.daemons\[0\].tls: true on port 7: the pool's own requests speak https on port 443 only/)
    assert.equal(run(CONFIG, code), true, 'the gateway can')
  })

  test('an assignment is ignored, with a warning', LIMIT, () => {
    const [port, lines] = run(WITHOUT, `
      attach(config, { log })
      lines.length = 0
      config.daemon.port = 5
      show([config.daemon.port, lines])`)
    assert.equal(port, 9)
    assert.deepEqual(lines, [['warn', 'multiDaemon', 'config.daemon.port follows the daemon in use; it was not set to 5']])
  })

  test('after stop() it still answers the last daemon', LIMIT, () => {
    const seen = run(WITHOUT, `
      const multiDaemon = attach(config, { log })
      multiDaemon.pin('127.0.0.1', 7, 60000)
      multiDaemon.stop().then(() => show(config.daemon.port))`)
    assert.equal(seen, 7)
  })
})

describe('mistakes stop a pool while its operator looks on', () => {
  const code = `
    let error = null
    try { attach(config, { log }) } catch (thrown) { error = thrown }
    show([error && error.code, error && error.message, current() === null, Object.getOwnPropertyDescriptor(config.daemon, 'port').value])`

  test('a configuration that cannot be used', LIMIT, () => {
    const [code0, message, isNull, port] = run({ ...CONFIG, multiDaemon: { enabled: true, daemons: 'none' } }, code)
    assert.deepEqual([code0, isNull, port], ['ERR_MULTI_DAEMON_CONFIG', true, 9])
    assert.match(message, /daemons/)
  })

  for (const [name, freeze, mistake] of [
    ['a daemon block that is frozen', 'Object.freeze(config.daemon)', /^daemon: is frozen or sealed, so /],
    ['a configuration that is frozen with all in it', 'Object.freeze(config.daemon); Object.freeze(config)', /^daemon: is frozen or sealed, so /],
    ['a daemon block of which one member is fixed', "Object.defineProperty(config.daemon, 'toJSON', { value: () => ({}) })", /^daemon\.toJSON: is read-only, so /],
    ['a daemon block that is sealed', 'Object.seal(config.daemon)', /^daemon: is frozen or sealed, so /],
    ['a port that cannot be changed', 'Object.defineProperty(config.daemon, "port", { configurable: false })', /^daemon\.port: is read-only, so /]
  ]) {
    test(`${name}, and nothing is left behind`, LIMIT, () => {
      const [code0, message, isNull, ...left] = run({ ...CONFIG, multiDaemon: { ...CONFIG.multiDaemon, status: { port: 0 } } }, `
        ${freeze}
        const before = JSON.stringify(Object.getOwnPropertyDescriptors(config.daemon))
        const cluster = require('cluster')
        let error = null
        try { attach(config, { log, watch: 'config.json' }) } catch (thrown) { error = thrown }
        show([error && error.code, error && error.message, current() === null, JSON.stringify(Object.getOwnPropertyDescriptors(config.daemon)) === before, lines,
          process._getActiveHandles().filter(handle => !handle.fd && handle.constructor.name !== 'Pipe').map(handle => handle.constructor.name),
          (process.getActiveResourcesInfo ? process.getActiveResourcesInfo() : []).filter(name => name === 'Timeout' || name.includes('Server') || name.includes('Stat')),
          cluster.listenerCount('message'), cluster.listenerCount('online'), process.env.MULTI_DAEMON_STATE || null,
          Object.keys(require.cache).filter(file => file.endsWith('.node')).length])`)
      assert.deepEqual([code0, isNull, left], ['ERR_MULTI_DAEMON_CONFIG', true, [true, [], [], [], 0, 0, null, 0]])
      assert.match(message, mistake)
    })
  }

  test('but not a configuration that is frozen around its daemon block', LIMIT, () => {
    const seen = run(CONFIG, 'Object.freeze(config); const { port } = attach(config, { log }).getStatus().gateway; show(config.daemon.port === port)')
    assert.equal(seen, true)
  })

  test('a path to watch that no file can have', LIMIT, () => {
    const [code0, message] = run(CONFIG, code.replace('{ log }', '{ log, watch: "a\\0b" }'))
    assert.deepEqual([code0, message], ['ERR_MULTI_DAEMON_ARGUMENT', 'attach: options.watch is not the path of a file'])
  })

  test('a log that cannot be called, which would end the pool at the first change', LIMIT, () => {
    const [code0, message] = run(CONFIG, code.replace('{ log }', '{ log: console }'))
    assert.deepEqual([code0, message], ['ERR_MULTI_DAEMON_ARGUMENT', 'attach: options.log is not a function'])
  })

  for (const [name, daemon, daemons, mistake] of [
    ['a tls daemon on a port that the pool\'s own requests would not speak it on', CONFIG.daemon, TLS.daemons, /^multiDaemon\.daemons\[0\]\.tls: true on port 7: /],
    ['a primary like that', { ...CONFIG.daemon, tls: true }, CONFIG.multiDaemon.daemons, /^daemon\.tls: true on port 9: /],
    ['a daemon without tls on the port that the pool\'s own requests speak it on', CONFIG.daemon, [{ host: '127.0.0.1', port: 443, tls: false }], /^multiDaemon\.daemons\[0\]\.tls: false on port 443: /]
  ]) {
    test(`${name}, where there is no gateway`, LIMIT, () => {
      const config = { daemon, multiDaemon: { enabled: true, daemons } }
      const [code0, message] = run({ ...config, multiDaemon: { ...config.multiDaemon, gateway: false } }, code)
      assert.equal(code0, 'ERR_MULTI_DAEMON_CONFIG')
      assert.match(message, mistake)
      assert.deepEqual(run(config, code).slice(0, 3), [null, null, false])
    })
  }
})

describe('work', () => {
  /** One whose source is played. */
  const open = () => {
    let ear
    const multiDaemon = new MultiDaemon({ daemon: CONFIG.daemon }, (config, given) => {
      ear = given
      return new Idle(config)
    })
    return { multiDaemon, hear: (...changes) => ear.hear(changes) }
  }
  const block = (height, hash) => ({ event: 'block', head: { height, hash } })

  for (const [name, changes, work] of [
    ['stays at the first head', [block(5, 'a')], 0],
    ['stays when the head grows', [block(5, 'a'), block(6, 'b'), block(9, 'c')], 0],
    ['stays at the same head again', [block(5, 'a'), block(5, 'a')], 0],
    ['changes at another head of the same height', [block(5, 'a'), block(5, 'b')], 1],
    ['changes at a lower head', [block(5, 'a'), block(4, 'c')], 1],
    ['changes at a switch', [{ event: 'switch', switch: { to: { host: 'a', port: 1, tls: false } } }], 1]
  ]) {
    test(name, () => {
      const { multiDaemon, hear } = open()
      changes.forEach(change => hear(change))
      assert.equal(multiDaemon.work, work)
    })
  }

  test('hold is what was last told', () => {
    const { multiDaemon, hear } = open()
    const seen = [multiDaemon.hold]
    multiDaemon.on('hold', () => seen.push(multiDaemon.hold))
    hear({ event: 'hold', hold: true })
    hear({ event: 'hold', hold: false })
    assert.deepEqual(seen, [false, true, false])
  })
})
