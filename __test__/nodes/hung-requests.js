'use strict'

// Requests written as the pools write theirs, to daemons that stop answering in every stage a request can be in: each has
// to call back exactly once. A plain script, since Node has to be any from 10 on; it prints one line a stage.

const { fork } = require('child_process')
const dns = require('dns')
const http = require('http')
const https = require('https')
const net = require('net')
const tls = require('tls')

const HungRequests = require('../../lib/attach/hung-requests')

const certificate = require('./self-signed')

const TIMEOUT = 200
/** How long a second callback is waited for: well above what Node needs to close a socket. */
const SETTLE = 700
/** Until a stage has failed; only a machine at a standstill comes near it. */
const LIMIT = 30000
const HOST = '127.0.0.1'
/** Connections that may wait for a process to accept them; a queue is full with one more. */
const BACKLOG = 1
/** More than the buffers of both ends of a connection hold. */
const LARGE = 'x'.repeat(16 * 1024 * 1024)

const HEADERS = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const BEGUN = '{"jsonrpc":"2.0","result":{"height":1'
const REPLY = '{"jsonrpc":"2.0","result":{"height":1}}'
const COMPLETE = HEADERS + 'Content-Length: ' + REPLY.length + '\r\n\r\n' + REPLY

/** What a daemon does with a connection once a request has come, before it says no more. */
const SILENCES = {
  waiting: () => {},
  'half of the headers': socket => socket.write('HTTP/1.1 200 OK\r\nContent-Ty'),
  'headers received': socket => socket.write(HEADERS + 'Content-Length: 500\r\n\r\n'),
  'headers received, of a chunked body': socket => socket.write(HEADERS + 'Transfer-Encoding: chunked\r\n\r\n'),
  'body begun': socket => socket.write(HEADERS + 'Content-Length: 500\r\n\r\n' + BEGUN),
  'body begun, in chunks': socket => socket.write(HEADERS + 'Transfer-Encoding: chunked\r\n\r\n' + BEGUN.length.toString(16) + '\r\n' + BEGUN + '\r\n'),
  'body begun, without a length': socket => socket.write(HEADERS + 'Connection: close\r\n\r\n' + BEGUN),
  'body all there but its end, in chunks': socket => socket.write(HEADERS + 'Transfer-Encoding: chunked\r\n\r\n' + REPLY.length.toString(16) + '\r\n' + REPLY + '\r\n'),
  'body dripping': drip,
  'body pouring': pour
}

const uncaught = []
process.on('uncaughtException', error => uncaught.push(error))

async function main () {
  let failures = 0
  for (const keepAlive of [false, true]) {
    useAgents(keepAlive)
    const world = new World()
    const stages = [].concat(stagesOf(http, world), stagesOf(https, world), onlyPlain(world), keepAlive ? idle(world) : [])
    const outcomes = await Promise.all(stages.map(({ run }) => outcomeOf(run)))
    outcomes.forEach((mistake, index) => {
      console.log(`${mistake ? 'FAILED' : 'ok    '} ${keepAlive ? 'keep-alive' : 'no keep-alive'}, ${stages[index].name}${mistake ? ': ' + mistake : ''}`)
      if (mistake) failures++
    })
    world.close()
  }
  for (const error of uncaught) console.log(`FAILED an uncaught exception: ${error.stack}`)
  console.log(`Node ${process.version}: ${failures + uncaught.length === 0 ? 'every request called back once' : failures + ' stages failed'}`)
  return failures + uncaught.length
}

/** One connection for each daemon, so that further requests queue. */
function useAgents (keepAlive) {
  for (const agent of [http.globalAgent, https.globalAgent]) Object.assign(agent, { keepAlive, maxSockets: 1 })
}

function outcomeOf (run) {
  const late = sleep(LIMIT).then(() => 'not done in time')
  return Promise.race([run().then(() => null, error => error.message), late])
}

function stagesOf (protocol, world) {
  const name = protocol === https ? 'https' : 'http'
  const stages = Object.keys(SILENCES).map(silence => ({
    name: `${name}, ${silence}`,
    run: () => endsOnce(world, protocol, speakerOf(protocol, SILENCES[silence]))
  }))
  return stages.concat([
    { name: `${name}, sending`, run: () => endsOnce(world, protocol, speakerOf(protocol, null), LARGE) },
    { name: `${name}, queued`, run: () => queued(world, protocol) },
    { name: `${name}, queued, and asked again in the callback`, run: () => askedAgain(world, protocol) },
    { name: `${name}, several to one daemon`, run: () => several(world, protocol) },
    { name: `${name}, a healthy daemon is left alone`, run: () => leftAlone(world, protocol) },
    { name: `${name}, young requests are left alone`, run: () => young(world, protocol) },
    { name: `${name}, answered in the moment of its end`, run: () => answeredLast(world, protocol) },
    { name: `${name}, answered and closed later`, run: () => answered(world, protocol) }
  ])
}

function onlyPlain (world) {
  return [
    { name: 'http, resolving the name', run: () => resolving(world) },
    { name: 'http, connecting', run: () => connecting(world, http) },
    { name: 'https, connecting', run: () => connecting(world, https) },
    { name: 'https, shaking hands', run: () => endsOnce(world, https, listen(net.createServer(() => {}))) }
  ]
}

function idle (world) {
  return [http, https].map(protocol => ({
    name: `${protocol === https ? 'https' : 'http'}, connections kept for later are ended`,
    run: () => idleEnds(world, protocol)
  }))
}

// The stages.

/** One request to a daemon that says no more: it is suspected first, and the request ends when the daemon is unresponsive. */
async function endsOnce (world, protocol, listening, data) {
  const daemon = world.know(await listening)
  const calls = ask(protocol, daemon, data)
  await world.suspected(daemon)
  expect(calls.length === 0, 'called back while its daemon was only suspected')
  world.isUnresponsive(daemon)
  await calledOnce(calls)
  // Where nothing but the end was missing, the answer is as good as any.
  expect(calls[0][0] instanceof Error || calls[0][1].result.height === 1, `no error but ${JSON.stringify(calls[0])}`)
}

/** The first request holds the one connection, the second one waits for it. */
async function queued (world, protocol) {
  const daemon = world.know(await speakerOf(protocol, SILENCES.waiting))
  const first = ask(protocol, daemon)
  const second = ask(protocol, daemon)
  await sleep(TIMEOUT / 4)
  const third = ask(protocol, daemon)
  await world.suspected(daemon)
  world.isUnresponsive(daemon)
  await Promise.all([first, second, third].map(calledOnce))
}

/** As loops do that ask again in the callback. */
async function askedAgain (world, protocol) {
  const daemon = world.know(await speakerOf(protocol, SILENCES.waiting))
  const again = []
  ask(protocol, daemon)
  const calls = ask(protocol, daemon, '{}', () => again.push(ask(protocol, daemon)))
  const last = ask(protocol, daemon)
  world.isUnresponsive(daemon)
  await Promise.all([calls, last].map(calledOnce))
  expect(again.length === 1, `asked again ${again.length} times`)
  await calledOnce(again[0])
}

async function several (world, protocol) {
  const agent = protocol.globalAgent
  const daemon = world.know(await speakerOf(protocol, SILENCES['body begun']))
  agent.maxSockets = Infinity
  const all = [1, 2, 3, 4].map(() => ask(protocol, daemon))
  agent.maxSockets = 1
  world.isUnresponsive(daemon)
  await Promise.all(all.map(calledOnce))
}

/** A request that takes long, to a daemon that is well: whoever switched away from it still gets the answer. */
async function leftAlone (world, protocol) {
  let answer
  const daemon = world.know(await speakerOf(protocol, socket => { answer = () => socket.write(COMPLETE) }))
  const calls = ask(protocol, daemon)
  await world.suspected(daemon)
  await sleep(3 * TIMEOUT)
  expect(calls.length === 0, 'a request to a healthy daemon was ended')
  expect(world.suspicions(daemon) === 1, `suspected ${world.suspicions(daemon)} times for one request`)
  await until(() => answer)
  answer()
  await calledOnce(calls)
  expect(calls[0][0] === null && calls[0][1].result.height === 1, `wrong answer ${JSON.stringify(calls[0])}`)
}

/** Of an unresponsive daemon too: somebody may be finding out whether it is back. */
async function young (world, protocol) {
  const daemon = world.know(await speakerOf(protocol, socket => setTimeout(() => socket.write(COMPLETE), TIMEOUT / 10)))
  world.isUnresponsive(daemon)
  const calls = ask(protocol, daemon)
  await calledOnce(calls)
  // A machine at a standstill lets it grow old; that must then be an error, and only one.
  expect(calls[0][0] instanceof Error || calls[0][1].result.height === 1, `wrong answer ${JSON.stringify(calls[0])}`)
}

/** The rest of the reply comes while the request is being ended. */
async function answeredLast (world, protocol) {
  let socket
  const half = COMPLETE.length - 5
  const daemon = world.know(await speakerOf(protocol, each => {
    socket = each
    socket.write(COMPLETE.slice(0, half))
  }))
  const calls = ask(protocol, daemon)
  await until(() => socket)
  await world.suspected(daemon)
  socket.write(COMPLETE.slice(half))
  world.isUnresponsive(daemon)
  await calledOnce(calls)
}

/** A complete reply on a connection that the daemon does not close. */
async function answered (world, protocol) {
  const daemon = world.know(await speakerOf(protocol, socket => socket.write(COMPLETE)))
  const calls = ask(protocol, daemon)
  await until(() => calls.length > 0)
  expect(calls[0][0] === null, `an error: ${calls[0][0]}`)
  const suspicions = world.suspicions(daemon)
  await sleep(3 * TIMEOUT)
  expect(world.suspicions(daemon) === suspicions, 'suspected although it has answered')
  world.isUnresponsive(daemon)
  await calledOnce(calls)
}

/** The name server does not answer. */
async function resolving (world) {
  const daemon = world.know({ host: 'never-resolved.invalid', port: 11898 })
  const lookup = dns.lookup
  dns.lookup = function (name) {
    if (name !== daemon.host) return lookup.apply(dns, arguments)
  }
  const calls = ask(http, daemon)
  await world.suspected(daemon)
  world.isUnresponsive(daemon)
  await calledOnce(calls)
  dns.lookup = lookup
}

/** A process that accepts no connection: once its queue is full, connecting never ends. */
async function connecting (world, protocol) {
  const child = fork(__filename, ['--deaf'])
  try {
    const port = await new Promise(resolve => child.once('message', resolve))
    let waiting = 0
    const fillers = Array.from({ length: 8 }, () => net.connect({ host: HOST, port }, () => waiting++).on('error', () => {}))
    await until(() => waiting > BACKLOG)
    await endsOnce(world, protocol, Promise.resolve({ host: HOST, port }))
    fillers.forEach(socket => socket.destroy())
  } finally {
    child.kill('SIGKILL')
  }
}

function beDeaf () {
  const server = net.createServer()
  server.listen({ port: 0, host: HOST, backlog: BACKLOG }, () => {
    process.send(server.address().port, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LIMIT)
      // Its parent has been killed, or has killed it long ago.
      process.exit()
    })
  })
}

async function idleEnds (world, protocol) {
  let closed = 0
  const daemon = world.know(await speakerOf(protocol, socket => {
    socket.write(COMPLETE)
    socket.on('close', () => closed++)
  }))
  const calls = ask(protocol, daemon)
  await until(() => calls.length > 0)
  await sleep(50)
  expect(closed === 0, 'the connection was not kept')
  world.isUnresponsive(daemon)
  await until(() => closed === 1)
}

// What the stages are made of.

/** What hung-requests.js asks of a MultiDaemon. */
class World {
  constructor () {
    this.daemons = []
    this._source = { suspect: (host, port) => this.of({ host, port }).suspicions++ }
    this.hung = new HungRequests(this, { multiDaemon: { timeout: TIMEOUT } })
  }

  getStatus () {
    return { daemons: this.daemons.map(({ host, port, state }) => ({ host, port, state })) }
  }

  know ({ host, port }) {
    this.daemons.push({ host, port, state: 'healthy', suspicions: 0 })
    return { host, port }
  }

  of ({ host, port }) {
    return this.daemons.find(each => each.host === host && each.port === port)
  }

  suspicions (daemon) {
    return this.of(daemon).suspicions
  }

  suspected (daemon) {
    return until(() => this.suspicions(daemon) > 0)
  }

  isUnresponsive ({ host, port }) {
    const daemon = this.of({ host, port })
    daemon.state = 'unresponsive'
    this.hung.hear([{ event: 'daemon', daemon: { host, port, state: daemon.state } }])
  }

  close () {
    this.hung.stop()
  }
}

/** A request as the pools send it: no time limit, a reply that is collected as text, one callback at its end or at an error. */
function ask (protocol, daemon, data = '{"method":"getblocktemplate"}', callback = () => {}) {
  const calls = []
  const done = (error, reply) => {
    calls.push([error, reply])
    callback(error, reply)
  }
  const headers = { 'Content-Length': data.length, 'Content-Type': 'application/json', Accept: 'application/json' }
  const options = { hostname: daemon.host, port: daemon.port, path: '/json_rpc', method: 'POST', headers }
  if (protocol === https) options.rejectUnauthorized = false
  const request = protocol.request(options, reply => {
    let text = ''
    reply.setEncoding('utf8')
    reply.on('data', chunk => { text += chunk })
    reply.on('end', () => {
      let value
      try {
        value = JSON.parse(text)
      } catch (error) {
        return done(error)
      }
      done(null, value)
    })
  })
  request.on('error', error => done(error))
  request.end(data)
  return calls
}

/** A daemon that speaks once a request has come; without `speak` it does not even read. */
function speakerOf (protocol, speak) {
  const meet = socket => {
    socket.on('error', () => {})
    if (speak) socket.once('data', () => speak(socket))
    else socket.pause()
  }
  return listen(protocol === https ? tls.createServer(certificate, meet) : net.createServer({ pauseOnConnect: !speak }, meet))
}

function listen (server) {
  return new Promise(resolve => server.listen(0, HOST, () => resolve({ host: HOST, port: server.address().port })))
}

function drip (socket) {
  socket.write(HEADERS + 'Content-Length: 100000\r\n\r\n' + BEGUN)
  const timer = setInterval(() => socket.write(' '), 2)
  socket.on('close', () => clearInterval(timer))
}

function pour (socket) {
  socket.write(HEADERS + 'Transfer-Encoding: chunked\r\n\r\n')
  const more = () => {
    if (!socket.destroyed) socket.write('1000\r\n' + ' '.repeat(4096) + '\r\n', () => setTimeout(more, 1))
  }
  more()
}

async function calledOnce (calls) {
  await until(() => calls.length > 0)
  await sleep(SETTLE)
  expect(calls.length === 1, `called back ${calls.length} times: ${calls.map(([error]) => error).join(', ')}`)
}

async function until (condition) {
  while (!condition()) await sleep(5)
}

function sleep (milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

function expect (condition, mistake) {
  if (!condition) throw new Error(mistake)
}

if (process.argv[2] === '--deaf') {
  beDeaf()
} else {
  main().then(failures => process.exit(failures === 0 ? 0 : 1), error => {
    console.error(error)
    process.exit(1)
  })
}
