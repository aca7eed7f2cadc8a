'use strict'

// Exercises the installed package in the Node.js that runs this: `node exercise.js PACKAGE CHECK`, each check in a process of
// its own. It passed if the process says so and ends by itself with code 0: what should end without stop() is left running.

const assert = require('assert')
const { spawn } = require('child_process')
const cluster = require('cluster')
const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')
const { URL } = require('url')
const v8 = require('v8')
const vm = require('vm')

const Network = require('./network')

const PACKAGE = process.argv[2]
const CHECK = process.argv[3]

/** The primary is the first of these, and the others agree with it. */
const DAEMONS = 4

const CHECKS = {
  async 'answers, and ends without stop()' () {
    const { network, watch } = await watching()
    const status = watch.getStatus()
    assert.deepStrictEqual(Object.assign({}, watch.getDaemon()), { host: '127.0.0.1', port: network.ports[0], tls: false })
    assert.strictEqual(status.mode, 'multi')
    assert.deepStrictEqual(status.daemons.map(({ state, height }) => [state, height]), Array(DAEMONS).fill(['healthy', 1000]))
  },

  async 'names mistakes' () {
    const { MultiDaemon } = require(PACKAGE)
    const wrong = { daemon: { host: '127.0.0.1', port: 1 }, multiDaemon: { enabled: true, daemons: [{ host: 7 }], timeout: -1 } }
    const error = thrownBy(() => new MultiDaemon(wrong))
    assert(error instanceof TypeError)
    assert.strictEqual(error.code, 'ERR_MULTI_DAEMON_CONFIG')
    assert(/timeout/.test(error.message) && /host/.test(error.message), error.message)
  },

  async 'loads no native code when disabled' () {
    const { MultiDaemon } = require(PACKAGE)
    const watch = new MultiDaemon({ daemon: { host: 'localhost', port: 11898 }, multiDaemon: { enabled: false, daemons: [] } })
    await watch.ready
    assert.strictEqual(watch.getDaemon().port, 11898)
    assert.deepStrictEqual(Object.keys(require.cache).filter(file => file.endsWith('.node')), [])
  },

  async 'switches on a crash' () {
    const { network, watch } = await watching()
    const [primary] = network.ports
    const switched = once(watch, 'switch')
    const failed = until(watch, 'daemon', daemon => daemon.port === primary && daemon.state === 'unresponsive')
    await network.crash(0)
    const [{ from, to }] = await switched
    assert.strictEqual(from.port, primary)
    assert.notStrictEqual(to.port, primary)
    assert.strictEqual(watch.getDaemon().port, to.port)
    const [, before] = await failed
    assert.strictEqual(before, 'healthy')
  },

  async 'switches while the loop is blocked' () {
    const { network, watch } = await watching()
    const [primary] = network.ports
    await network.crash(0)
    assert.strictEqual(watch.getDaemon().port, primary, 'crashed too slowly to see')
    const deadline = Date.now() + 10000
    while (watch.getDaemon().port === primary) assert(Date.now() < deadline, 'still at the crashed daemon')
  },

  async 'refreshes' () {
    const { watch } = await watching({ pollingInterval: 60000 })
    const { polls } = watch.getStatus()
    const status = await watch.refresh()
    assert.strictEqual(status.polls, polls + DAEMONS)
  },

  async 'heeds its operator' () {
    const { network, watch } = await watching()
    const [host, [primary, second, third, fourth]] = ['127.0.0.1', network.ports]
    watch.drain(host, primary)
    assert.strictEqual(watch.getDaemon().port, second)
    watch.pin(host, third, 60000)
    assert.strictEqual(watch.getDaemon().port, third)
    watch.reconfigure(network.config([3, 1, 0]))
    assert.strictEqual(watch.getDaemon().port, second)
    assert.deepStrictEqual(watch.getStatus().daemons.map(({ port, drained }) => [port, drained]), [[fourth, false], [second, false], [primary, true]])
    watch.undrain(host, primary)
    assert.strictEqual(watch.getStatus().mode, 'multi')
    assert.strictEqual(thrownBy(() => watch.pin(host, third, 1)).code, 'ERR_MULTI_DAEMON_ARGUMENT')
  },

  async 'takes the requests of a pool' () {
    const network = await Network.start(DAEMONS)
    const config = network.config(undefined, { pollingInterval: 60000 })
    const watch = require(PACKAGE).attach(config, { log () {} })
    await watch.ready
    const { gateway } = watch.getStatus()
    assert.deepStrictEqual([config.daemon.host, config.daemon.port], [gateway.host, gateway.port])
    assert.strictEqual(await heightBy(config), 1000)
    await network.crash(0)
    assert.strictEqual(await heightBy(config), 1000)
  },

  async 'leaves its requests to a pool' () {
    const network = await Network.start(DAEMONS)
    const config = network.config(undefined, { gateway: false })
    const watch = require(PACKAGE).attach(config, { log () {} })
    await watch.ready
    assert.strictEqual(config.daemon.port, network.ports[0])
    const switched = once(watch, 'switch')
    await network.crash(0)
    const [{ to }] = await switched
    assert.strictEqual(config.daemon.port, to.port)
    assert.strictEqual(await heightBy(config), 1000)
  },

  async 'reads its config file again' () {
    const network = await Network.start(DAEMONS)
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'exercise-')), 'config.json')
    const write = config => fs.writeFileSync(file, JSON.stringify(config))
    let log = ''
    const watch = require(PACKAGE).attach(network.config(), { watch: file, log: (severity, system, format, [text]) => { log += text } })
    await watch.ready
    // Only what the file becomes counts, and that it is missing tells from when on.
    await eventually(() => /the file does not exist/.test(log))
    for (const indices of [[0, 2, 3], [0, 1]]) {
      write(network.config(indices))
      await eventually(() => watch.getStatus().daemons.length === indices.length)
      assert.deepStrictEqual(watch.getStatus().daemons.map(({ port }) => port), indices.map(index => network.ports[index]))
    }
    await watch.stop()
    fs.unlinkSync(file)
    fs.rmdirSync(path.dirname(file))
  },

  async 'stops, twice' () {
    const { network, watch } = await watching()
    const refreshing = watch.refresh()
    await watch.stop()
    await watch.stop()
    await refreshing
    await watch.refresh()
    assert.strictEqual(watch.getDaemon().port, network.ports[0])
    await silence(network, [0, 1, 2, 3])
  },

  async 'process.exit() in mid-poll' () {
    const { network, watch } = await watching()
    await network.hang(2)
    await eventually(async () => (await network.counts([2])).waiting > 0)
    watch.refresh()
    passed()
    process.exit()
  },

  async 'posts switches' () {
    const server = http.createServer((request, response) => {
      const chunks = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        response.end('{}')
        server.emit('post', JSON.parse(Buffer.concat(chunks).toString()))
      })
    })
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
    const { network, watch } = await watching({ webhook: `http://127.0.0.1:${server.address().port}/` })
    const posted = once(server, 'post')
    await network.crash(0)
    const [{ from, content }] = await posted
    assert.strictEqual(from.port, network.ports[0])
    assert(/^From /.test(content), content)
    await eventually(() => watch.getStatus().webhook.delivered === 1)
    server.close()
  },

  async 'status page' () {
    const { partsOf } = require(path.join(PACKAGE, 'lib', 'parts'))
    const { network, watch } = await watching()
    const page = partsOf(watch).servePage({ port: 0, password: 'secret' })
    const port = new URL(await page.listening).port
    const ask = (method, path, body) => new Promise((resolve, reject) => {
      const headers = { Authorization: 'Bearer secret', 'Content-Type': 'application/json' }
      const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, response => {
        const chunks = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => resolve({ code: response.statusCode, text: Buffer.concat(chunks).toString() }))
      })
      request.on('error', reject)
      request.end(body)
    })
    assert.strictEqual(JSON.parse((await ask('GET', '/status.json')).text).healthy, DAEMONS)
    assert(/^multidaemon_healthy_daemons 4$/m.test((await ask('GET', '/metrics')).text))
    assert(/^<!DOCTYPE html>/.test((await ask('GET', '/')).text))
    const looking = http.get({ host: '127.0.0.1', port, path: '/events', headers: { Authorization: 'Bearer secret' }, agent: false })
    const [events] = await once(looking, 'response')
    events.setEncoding('utf8')
    let heard = ''
    events.on('data', text => { heard += text })
    events.on('error', () => {})
    await eventually(() => /event: state/.test(heard))
    const order = JSON.stringify({ host: '127.0.0.1', port: network.ports[0] })
    assert.strictEqual((await ask('POST', '/drain', order)).code, 204)
    await eventually(() => /"code":"draining"/.test(heard))
    assert.strictEqual(watch.getDaemon().port, network.ports[1])
    assert.strictEqual((await ask('POST', '/drain', 'x'.repeat(5000))).code, 413)
    looking.abort()
    // The page ends with the watch, and keeps no process.
  },

  async 'command line' () {
    const network = await Network.start(DAEMONS)
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'exercise-')), 'config.json')
    fs.writeFileSync(file, JSON.stringify(network.config()))
    const status = await commandLine(['status', '--config', file])
    assert.deepStrictEqual([status.code, /^mode multi, 4 of 4 healthy/m.test(status.output)], [0, true], status.output)
    const check = await commandLine(['check', '--config', file])
    assert.deepStrictEqual([check.code, /^Nothing to fix\.\n\nAdvice:$/m.test(check.output)], [0, true], check.output)
    for (const command of ['status', 'watch', 'check', 'serve', 'demo']) {
      const help = await commandLine([command, '--help'])
      assert.deepStrictEqual([help.code, /^usage: /.test(help.output)], [0, true], help.output)
    }
    const watch = commandLine(['watch', '--config', file])
    await eventually(() => /mode multi/.test(watch.output))
    await network.crash(0)
    await eventually(() => /warn: From /.test(watch.output))
    watch.child.kill('SIGINT')
    assert.strictEqual((await watch).code, 0)
    fs.unlinkSync(file)
    fs.rmdirSync(path.dirname(file))
  },

  async 'several instances' () {
    const { MultiDaemon } = require(PACKAGE)
    const network = await Network.start(2 * DAEMONS)
    const first = new MultiDaemon(network.config([0, 1, 2, 3]))
    const others = Array.from({ length: 20 }, () => new MultiDaemon(network.config([4, 5, 6, 7])))
    await Promise.all([first, ...others].map(watch => watch.ready))
    const switches = Promise.all(others.map(watch => once(watch, 'switch')))
    await network.crash(4)
    await switches
    assert.strictEqual(first.getDaemon().port, network.ports[0])
    for (const watch of others) assert.notStrictEqual(watch.getDaemon().port, network.ports[4])
    await Promise.all(others.map(watch => watch.stop()))
    await silence(network, [5, 6, 7], [0])
  },

  async 'stops when collected' () {
    const collectGarbage = garbageCollector()
    const network = await Network.start(2 * DAEMONS)
    const { MultiDaemon } = require(PACKAGE)
    const control = new MultiDaemon(network.config([4, 5, 6, 7]))
    await Promise.all([control.ready, lose(new MultiDaemon(network.config([0, 1, 2, 3])))])
    await eventually(async () => {
      collectGarbage()
      return (await network.counts([0, 1, 2, 3])).connections === 0
    })
    await silence(network, [0, 1, 2, 3], [4])
  },

  async 'a listener that throws' () {
    const { network, watch } = await watching()
    const uncaught = once(process, 'uncaughtException')
    watch.once('switch', () => { throw new Error('thrown by a listener') })
    await network.crash(0)
    const [error] = await uncaught
    assert.strictEqual(error.message, 'thrown by a listener')
    const second = once(watch, 'switch')
    await network.crash(network.ports.indexOf(watch.getDaemon().port))
    await second
  },

  async 'worker threads' () {
    const { Worker } = require('worker_threads')
    const network = await Network.start(DAEMONS)
    const start = () => new Worker(__filename, { argv: [PACKAGE, 'in a worker'], workerData: network.config() })
    for (let round = 0; round < 3; round++) {
      const workers = [start(), start()]
      const ports = await Promise.all(workers.map(worker => answerOf(worker)))
      assert.deepStrictEqual(ports, [network.ports[0], network.ports[0]])
      if (round === 2) await network.hang(1)
      if (round === 2) await eventually(async () => (await network.counts([1])).waiting > 0)
      await Promise.all(workers.map(worker => worker.terminate()))
    }
    await eventually(async () => (await network.counts([0])).connections === 0)
  },

  async 'cluster' () {
    const network = await Network.start(DAEMONS)
    cluster.setupMaster({ exec: __filename, args: [PACKAGE, 'in the cluster'] })
    const workers = [0, 1].map(() => cluster.fork({ CONFIG: JSON.stringify(network.config()) }))
    const ports = await Promise.all(workers.map(worker => answerOf(worker)))
    assert.deepStrictEqual(ports, [network.ports[0], network.ports[0]])
    const ends = workers.map(worker => once(worker, 'exit'))
    for (const worker of workers) worker.send('end')
    assert.deepStrictEqual(await Promise.all(ends), [[0, null], [0, null]])
  }
}

/** What a check starts elsewhere. */
const PARTS = {
  async 'in a worker' () {
    const { parentPort, workerData } = require('worker_threads')
    const { MultiDaemon } = require(PACKAGE)
    const watch = new MultiDaemon(workerData)
    await watch.ready
    parentPort.postMessage(watch.getDaemon().port)
    // Goes on until it is terminated.
    parentPort.on('message', () => {})
  },

  async 'in the cluster' () {
    const { MultiDaemon } = require(PACKAGE)
    const watch = new MultiDaemon(JSON.parse(process.env.CONFIG))
    await watch.ready
    process.send(watch.getDaemon().port)
    process.once('message', () => cluster.worker.disconnect())
  }
}

/** An instance that has seen its daemons. */
async function watching (options) {
  const { MultiDaemon } = require(PACKAGE)
  const network = await Network.start(DAEMONS)
  const watch = new MultiDaemon(network.config(undefined, options))
  await watch.ready
  return { network, watch }
}

/** What a pool's own code is told, which reads its configuration at every request. */
function heightBy ({ daemon: { host, port } }) {
  const body = JSON.stringify({ id: '0', jsonrpc: '2.0', method: 'getlastblockheader', params: {} })
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method: 'POST', path: '/json_rpc', headers }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).result.block_header.height))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Runs the program that the package brings. Gives a promise for how it ends, with `output` and `child` as long as it runs. */
function commandLine (args) {
  const child = spawn(process.execPath, [path.join(PACKAGE, 'lib', 'cli', 'bin.js'), ...args])
  const running = new Promise(resolve => child.on('close', code => resolve({ code, output: running.output })))
  Object.assign(running, { child, output: '' })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { running.output += chunk })
  return running
}

/** Waits on an instance without keeping it. */
function lose (watch) {
  return watch.ready.then(() => undefined)
}

/** What the flag --expose-gc gives, also where it was not given. */
function garbageCollector () {
  v8.setFlagsFromString('--expose_gc')
  return vm.runInNewContext('gc')
}

/** Waits until some daemons are no longer asked: not once while others are, many times. */
async function silence (network, daemons, others) {
  const control = others ? undefined : await watching()
  const busy = () => control ? control.network.counts() : network.counts(others)
  await eventually(async () => {
    const [before, start] = await Promise.all([network.counts(daemons), busy()])
    await eventually(async () => (await busy()).requests >= start.requests + MANY)
    return (await network.counts(daemons)).requests === before.requests
  })
}

/** Requests to the daemons that go on; those that should not be asked would be asked about as often. */
const MANY = 30

async function eventually (condition) {
  while (!await condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** `events.once` is younger than Node 10. */
function once (emitter, event) {
  return until(emitter, event, () => true)
}

/** The arguments of the first event of which the condition is true. An instance keeps no process alive, but this does. */
function until (emitter, event, condition) {
  return new Promise(resolve => {
    const alive = setInterval(() => {}, 1000)
    emitter.on(event, function hear (...args) {
      if (!condition(...args)) return
      clearInterval(alive)
      emitter.removeListener(event, hear)
      resolve(args)
    })
  })
}

function answerOf (worker) {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('ended without an answer')))
  })
}

function thrownBy (call) {
  try {
    call()
  } catch (error) {
    return error
  }
  return assert.fail('nothing was thrown')
}

function passed () {
  process.stdout.write('passed\n')
}

function main () {
  if (!CHECK) {
    console.log(JSON.stringify(Object.keys(CHECKS)))
  } else if (PARTS[CHECK]) {
    PARTS[CHECK]().catch(fail)
  } else {
    CHECKS[CHECK]().then(passed, fail)
  }
}

function fail (error) {
  console.error(error)
  process.exit(1)
}

main()
