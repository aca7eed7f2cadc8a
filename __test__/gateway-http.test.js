'use strict'

// The gateway's HTTP: what clients may send, who may ask, and that nobody takes more than a share.

const assert = require('node:assert/strict')
const net = require('node:net')
const { describe, test } = require('node:test')
const { until } = require('../sim')
const { onRig } = require('./support/gateway')
const sim = require('./support/sim')

const LIMIT = { timeout: 60000 }
const FOUR = [{}, {}, {}, {}]

/** Everything that comes back for bytes that are written at once, until the connection ends or `isOver` says so. */
function talk ({ host, port }, bytes, isOver = () => false) {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = net.connect(port, host, () => socket.write(bytes))
    const end = isEnded => {
      socket.destroy()
      resolve({ text, isEnded })
    }
    socket.on('data', piece => {
      text += piece.toString('latin1')
      if (isOver(text)) end(false)
    })
    socket.on('end', () => end(true))
    socket.on('error', error => error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end(true) : reject(error))
  })
}

/** What comes back for bytes that are all written before anything is read, and how the connection ends. */
function sendAll ({ host, port }, bytes) {
  return new Promise(resolve => {
    let [text, error] = ['', null]
    const socket = net.connect(port, host)
    socket.pause()
    socket.on('data', piece => { text += piece.toString('latin1') })
    socket.on('error', ({ code }) => { error = code })
    socket.on('close', () => resolve({ text, error }))
    socket.write(bytes, () => socket.resume())
  })
}

const CALL = '{"id":"0","jsonrpc":"2.0","method":"getblockcount","params":{}}'
const post = (headers = '', body = CALL) => `POST /json_rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`
const answers = text => text.split('"count"').length - 1

describe('who may ask', () => {
  const headers = (gateway, extra) => talk(gateway, post(extra), text => text.includes('\r\n\r\n'))

  const introduction = (gateway, extra = '') =>
    talk(gateway, `GET /.well-known/turtle-pool-multi-daemon HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${extra}\r\n`)

  test('a page in a browser may not', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    assert.match((await headers(rig.gateway, 'Origin: http://evil.example\r\n')).text, /^HTTP\/1.1 403 /)
    assert.equal(P.count('getblockcount'), 0)
  }))

  test('whoever calls this machine by another name may not', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const ask = host => talk(rig.gateway, post().replace('Host: 127.0.0.1', `Host: ${host}`), text => text.includes('\r\n\r\n'))
    for (const host of ['evil.example', 'evil.example:80', '10.0.0.1', '127.0.0.1.evil.example', '127.0.0.1:1:evil.example']) assert.match((await ask(host)).text, /^HTTP\/1.1 403 /, host)
    for (const host of ['localhost', 'LOCALHOST:11898', '127.0.0.1:1', '[::1]:9', '127.8.8.8']) assert.match((await ask(host)).text, /^HTTP\/1.1 200 /, host)
    assert.equal(P.count('getblockcount'), 5)
  }))

  test('with a password others need it, and the pool\'s own processes do not', LIMIT, async () => {
    const [port] = await require('./support/ports').freePorts(1)
    await onRig(FOUR, { gateway: { port, password: 'sesame' } }, async rig => {
      const there = { host: '127.0.0.1', port }
      assert.notEqual(rig.gateway.port, port)
      assert.match((await headers(rig.gateway, '')).text, /^HTTP\/1.1 200 /)
      assert.match((await headers(there, '')).text, /^HTTP\/1.1 401 [^]*www-authenticate: Basic/i)
      assert.match((await headers(there, `Authorization: Basic ${Buffer.from('x:wrong').toString('base64')}\r\n`)).text, /^HTTP\/1.1 401 /)
      assert.match((await headers(there, `Authorization: Basic ${Buffer.from('me:sesame').toString('base64')}\r\n`)).text, /^HTTP\/1.1 200 /)
      assert.match((await headers(there, 'Authorization: Bearer sesame\r\n')).text, /^HTTP\/1.1 200 /)
      assert.match((await introduction(there)).text, /^HTTP\/1.1 401 /)
    })()
  })

  test('whoever may ask is told that it is a gateway, and no daemon is asked', LIMIT, onRig(FOUR, {}, async (rig, ...daemons) => {
    const { text } = await introduction(rig.gateway)
    const [head, body] = text.split('\r\n\r\n')
    assert.match(head, /^HTTP\/1.1 200 [^]*content-type: application\/json/i)
    assert.deepEqual(JSON.parse(body), { gateway: true, version: require('../package.json').version })
    assert.match((await introduction(rig.gateway, 'Origin: http://evil.example\r\n')).text, /^HTTP\/1.1 403 /)
    assert.deepEqual(daemons.map(daemon => daemon.count('/.well-known/turtle-pool-multi-daemon')), [0, 0, 0, 0])
  }))
})

describe('where it is', () => {
  test('at the configured port', LIMIT, async () => {
    const [port] = await require('./support/ports').freePorts(1)
    await onRig(FOUR, { gateway: { port } }, async rig => assert.deepEqual(rig.gateway, { host: '127.0.0.1', port }))()
  })

  test('at another one while somebody has that, and there too when it is free again', { timeout: 60000 }, async () => {
    const other = net.createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address()
    await onRig(FOUR, { gateway: { port } }, async rig => {
      assert.notEqual(rig.gateway.port, port)
      assert.ok((await rig.template()).result)
      await new Promise(resolve => other.close(resolve))
      const ask = () => sim.ask({ host: '127.0.0.1', port }, 'getblockcount', {}).then(({ result }) => result, () => null)
      let answer = null
      await until(() => answer || void ask().then(it => { answer = it }), { timeout: 30000, every: 200, what: 'it listens there' })
    })()
  })

  test('nowhere with false, and rpc() asks the daemon in use', LIMIT, onRig(FOUR, { gateway: false }, async (rig, P) => {
    assert.equal(rig.gateway, null)
    assert.equal((await rig.multiDaemon.rpc('getblockcount', {})).count, rig.network.tip.height + 1)
    assert.equal(P.count('getblockcount'), 1)
  }))

  test('nowhere after stop()', LIMIT, onRig(FOUR, {}, async rig => {
    const { gateway } = rig
    await rig.multiDaemon.stop()
    // A connection that was just let in ends without an answer, which Node.js calls a reset in the code alone.
    await assert.rejects(sim.ask(gateway, 'getblockcount', {}), ({ code }) => code === 'ECONNREFUSED' || code === 'ECONNRESET')
  }))
})

describe('what clients send', () => {
  test('requests in a row over one connection are answered in their order', LIMIT, onRig(FOUR, {}, async rig => {
    const two = post() + post('', CALL.replace('getblockcount', 'getlastblockheader')) + post('Connection: close\r\n')
    const { text } = await talk(rig.gateway, two)
    assert.equal(answers(text), 2)
    assert.ok(text.indexOf('"count"') < text.indexOf('block_header'))
  }))

  test('a body in chunks is a body', LIMIT, onRig(FOUR, {}, async rig => {
    const chunked = `POST /json_rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${CALL.length.toString(16)}\r\n${CALL}\r\n0\r\n\r\n`
    assert.equal(answers((await talk(rig.gateway, chunked)).text), 1)
  }))

  test('an answer is as long as it says, however the daemon tells it', LIMIT, onRig(FOUR, {}, async rig => {
    const body = '{"id":"0","jsonrpc":"2.0","result":{"count":7,"status":"OK"}}'
    const chunks = size => `${size}\r\n${body}\r\n0\r\n\r\n`
    const told = `Content-Length: ${body.length}\r\n`
    const rows = {
      once: `${told}\r\n${body}`,
      twice: `${told}${told}\r\n${body}`,
      'beside chunks': `Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n${chunks(body.length.toString(16))}`,
      'as if it concerned the connection': `Connection: content-length, x-mine\r\nX-Mine: 1\r\n${told}\r\n${body}`
    }
    // What is read before it is passed on, and what is not.
    const requests = { getblockcount: post(), '/odd': 'GET /odd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' }
    const answer = (key, rest) => exchange => exchange.key === key ? exchange.request.socket.write(`HTTP/1.1 200 OK\r\n${rest}`) : exchange.send()
    for (const [name, rest] of Object.entries(rows)) {
      for (const [key, request] of Object.entries(requests)) {
        rig.network.daemons.forEach(daemon => daemon.behave(answer(key, rest)))
        const { text } = await talk(rig.gateway, request + request.replace('Host', 'Connection: close\r\nHost'))
        const came = text.split('HTTP/1.1 200 OK\r\n').slice(1).map(one => [one.match(/content-length.*|transfer.*|x-mine.*/gi), one.slice(one.indexOf('\r\n\r\n') + 4)])
        const isStream = key === '/odd' && name === 'beside chunks'
        const expected = isStream ? [['transfer-encoding: chunked'], chunks(body.length.toString(16).toUpperCase())] : [[`content-length: ${body.length}`], body]
        assert.deepEqual(came, [expected, expected], `${key}, ${name}`)
      }
    }
    rig.network.daemons.forEach(daemon => daemon.behave(answer('/odd', 'Content-Length: 4711\r\n\r\n')))
    const { text } = await talk(rig.gateway, 'HEAD /odd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    assert.match(text, /\r\ncontent-length: 4711\r\n(.*\r\n)*\r\n$/)
  }))

  test('two lengths, or a length beside chunks, smuggle nothing to a daemon', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    await talk(rig.gateway, `POST /json_rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`)
    await talk(rig.gateway, `POST /other HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${hidden.length + 5}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n${hidden}`)
    assert.equal(P.count('/hidden'), 0)
  }))

  for (const [what, bytes] of Object.entries({
    'no HTTP': 'hello\r\n\r\n',
    'zero bytes': Buffer.alloc(1000),
    'a head of 64 KiB and more': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(70000)}\r\n\r\n`,
    'a thousand headers': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X: y\r\n'.repeat(1000)}\r\n`,
    'a body longer than is taken': 'POST /json_rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 17000000\r\n\r\n',
    'a TLS handshake': Buffer.from('16030100020100', 'hex')
  })) {
    test(`${what} is refused, and asked of nobody`, LIMIT, onRig(FOUR, {}, async (rig, P) => {
      const before = P.count('/')
      const { text } = await talk(rig.gateway, bytes, text => text.includes('\r\n\r\n'))
      assert.match(text, /^(HTTP\/1.1 4\d\d |$)/)
      assert.equal(P.count('/'), before)
      assert.ok((await rig.template()).result)
    }))
  }

  test('whoever still sends what is refused gets the answer, and the end of the connection', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    const before = P.count('/')
    const refused = [
      [413, post('', 'x'.repeat(17000000))],
      [403, post('Origin: http://evil.example\r\n', 'x'.repeat(3000000))]
    ]
    for (const [status, bytes] of [...refused, ...refused, ...refused]) {
      const { text, error } = await sendAll(rig.gateway, bytes)
      assert.deepEqual([text.slice(0, 12), error], [`HTTP/1.1 ${status}`, null])
    }
    assert.equal(P.count('/'), before)
  }))

  test('a head that does not end costs the connection, and nobody else anything', LIMIT, onRig(FOUR, {}, async rig => {
    const began = Date.now()
    const slow = talk(rig.gateway, 'GET / HTTP/1.1\r\nHost: ')
    assert.ok((await rig.template()).result)
    assert.equal((await slow).isEnded, true)
    assert.ok(Date.now() - began < 30000)
  }))

  test('nested brackets and odd JSON are the daemon\'s to judge', LIMIT, onRig(FOUR, {}, async rig => {
    for (const body of ['['.repeat(50000), `{"method":"getblocktemplate","params":${'['.repeat(20000)}${']'.repeat(20000)}}`, '{"method":7}', '{"method":"a","method":"b"}', '', '\u0000']) {
      const reply = await sim.send(rig.gateway, { method: 'POST', path: '/json_rpc', body })
      assert.ok(reply.status >= 200)
    }
    assert.ok((await rig.template()).result)
  }))

  test('a connection that says nothing stays for as long as it likes', LIMIT, onRig(FOUR, {}, async rig => {
    const socket = net.connect(rig.gateway.port, rig.gateway.host)
    await new Promise(resolve => socket.once('connect', resolve))
    let ended = false
    socket.on('close', () => { ended = true })
    await new Promise(resolve => setTimeout(resolve, 12500))
    assert.equal(ended, false)
    socket.destroy()
  }))

  test('a thousand connections and requests at once are all answered', LIMIT, onRig(FOUR, {}, async rig => {
    const idle = Array.from({ length: 1000 }, () => net.connect(rig.gateway.port, rig.gateway.host).on('error', () => {}))
    const replies = await Promise.all(Array.from({ length: 1000 }, () => rig.template({ timeout: 30000 })))
    assert.equal(replies.filter(({ result }) => result).length, 1000)
    idle.forEach(socket => socket.destroy())
  }))
})

describe('to the daemons', () => {
  test('there are few connections, however many ask', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    let most = 0
    P.on('request', () => { most = Math.max(most, P.connections) })
    await Promise.all(Array.from({ length: 200 }, () => rig.template({ timeout: 30000 })))
    // Two that are kept, two more under load, that of the polls, and on a busy machine 16 for those that have waited for a second. Those that were
    // ended, since another daemon was faster, count until the simulated daemon sees it.
    assert.ok(most <= 25, `${most} connections`)
  }))

  test('none is kept to one that is told to stop, which waits for them', LIMIT, onRig(FOUR, {}, async (rig, P) => {
    assert.ok((await rig.template()).result)
    assert.ok(P.connections > 0)
    const ended = P.terminate()
    // Less than the time for which they are kept.
    await until(() => P.connections === 0, { timeout: 15000, what: 'no connection is left' })
    await ended
    assert.ok((await rig.template()).result)
  }))

  test('a login is told to a daemon that asks for one', LIMIT, async () => {
    const http = require('node:http')
    const { createHash } = require('node:crypto')
    const md5 = text => createHash('md5').update(text).digest('hex')
    const seen = []
    const server = http.createServer(async (request, response) => {
      const given = request.headers.authorization || ''
      let body = ''
      for await (const piece of request) body += piece
      const member = name => (new RegExp(`${name}="?([^",]+)`).exec(given) || [])[1]
      const wanted = md5(`${md5('me:monero:pass:word')}:abc:${member('nc')}:${member('cnonce')}:auth:${md5(`${request.method}:${request.url}`)}`)
      seen.push({ isPool: body.includes('getblockcount'), isGiven: Boolean(given) })
      if (member('response') === wanted) return response.end('{"result":{"status":"OK","count":5}}')
      response.writeHead(401, { 'WWW-Authenticate': 'Digest qop="auth",algorithm=MD5,realm="monero",nonce="abc",stale=false' })
      response.end('<html>')
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { MultiDaemon } = require('..')
    const multiDaemon = new MultiDaemon({
      daemon: { host: '127.0.0.1', port: server.address().port, login: 'me:pass:word' },
      multiDaemon: { enabled: true, daemons: [{ host: '127.0.0.1', port: 1 }], pollingInterval: 60000 }
    })
    try {
      await multiDaemon.ready
      assert.equal((await multiDaemon.rpc('getblockcount', {})).count, 5)
      assert.equal((await multiDaemon.rpc('getblockcount', {})).count, 5)
      const given = who => seen.filter(({ isPool }) => isPool === who).map(({ isGiven }) => isGiven)
      assert.deepEqual(given(true), [false, true, true])
      // Polls have to get past it too.
      assert.ok(given(false).includes(true))
    } finally {
      await multiDaemon.stop()
      server.close()
      server.closeAllConnections()
    }
  })
})
