'use strict'

// Daemons behind https, and machines without certificates.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const https = require('node:https')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, test } = require('node:test')
const { Child, inChild } = require('./support/child')
const { Ha } = require('./support/ha')
const { LIMIT, Pool, configOf, onNetwork, onPool } = require('./support/pool')
const { until } = require('./support/until')

const HAS_OPENSSL = !spawnSync('openssl', ['version']).error
const NO_STORE = { SSL_CERT_FILE: '/nonexistent/store.pem', SSL_CERT_DIR: '/nonexistent' }

/** Watches the daemons in a process with other settings, and gives what it thinks of them. */
async function verdictsWith (env, daemons) {
  const { report, code, stderr } = await inChild(async (report, config) => {
    const pool = new (require('.').MultiDaemon)(config)
    const { daemons } = await pool.ready
    report(daemons.map(({ state, reason }) => reason ? reason.code : state).join(' '))
  }, { args: [configOf(daemons)], env })
  assert.equal(code, 0, stderr)
  return report
}

test('plain http needs no certificate store', LIMIT, onNetwork(4, async (network, ...daemons) => {
  assert.equal(await verdictsWith(NO_STORE, daemons), 'healthy healthy healthy healthy')
}))

describe('https', { concurrency: 3, skip: HAS_OPENSSL ? false : 'openssl is not there to make a certificate' }, () => {
  let folder
  let certificate

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-tls-'))
    certificate = path.join(folder, 'certificate.pem')
    const { status, stderr } = spawnSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=daemon',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE',
      '-keyout', path.join(folder, 'key.pem'), '-out', certificate
    ], { encoding: 'utf8', timeout: 20000 })
    assert.equal(status, 0, stderr)
  })

  after(() => fs.rmSync(folder, { recursive: true, force: true }))

  const identity = () => ({ key: fs.readFileSync(path.join(folder, 'key.pem')), cert: fs.readFileSync(certificate) })

  /** A server with the certificate in front of a daemon, while something runs. */
  async function behindTls (daemon, run) {
    const server = https.createServer(identity(), (request, response) => {
      const { method, url, headers } = request
      const onward = http.request({ host: daemon.host, port: daemon.port, method, path: url, headers, agent: false }, reply => {
        response.writeHead(reply.statusCode, reply.headers)
        reply.pipe(response)
      })
      onward.on('error', () => response.destroy())
      request.pipe(onward)
    })
    server.on('tlsClientError', () => {})
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      await run({ host: '127.0.0.1', port: server.address().port, tls: true })
    } finally {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }

  test('with a certificate that nobody vouches for is tls', LIMIT, onNetwork(4, (network, P, A, B, C) => behindTls(C, async secure => {
    const pool = new Pool(network, [P, A, B, secure])
    await pool.multiDaemon.ready
    const { state, reason } = pool.status.daemons[3]
    assert.deepEqual([state, reason.code], ['unresponsive', 'tls'])
    assert.equal(pool.verdicts, 'healthy healthy healthy tls')
    await pool.multiDaemon.stop()
  })))

  test('takes no notice of NODE_EXTRA_CA_CERTS', LIMIT, onNetwork(4, (network, P, A, B, C) => behindTls(C, async secure => {
    assert.equal(await verdictsWith({ NODE_EXTRA_CA_CERTS: certificate }, [P, A, B, secure]), 'healthy healthy healthy tls')
  })))

  test('without a certificate store is tls, and the plain ones are healthy', LIMIT, onNetwork(4, (network, P, A, B, C) => behindTls(C, async secure => {
    assert.equal(await verdictsWith(NO_STORE, [P, A, B, secure]), 'healthy healthy healthy tls')
  })))

  test('with a certificate that the machine trusts is healthy', LIMIT, onNetwork(4, (network, P, A, B, C) => behindTls(C, async secure => {
    assert.equal(await verdictsWith({ SSL_CERT_FILE: certificate }, [P, A, B, secure]), 'healthy healthy healthy healthy')
  })))

  test('requests get through once there is a certificate store, though there was none at the first one', LIMIT, onNetwork(2, (network, P, A) => behindTls(P, async secure => {
    const store = path.join(folder, 'store.pem')
    const child = new Child((report, config) => {
      const watching = new (require('.').MultiDaemon)(config)
      const ask = () => watching.rpc('getblockcount', {}).then(({ count }) => count, ({ message }) => message)
      process.stdin.once('data', async () => {
        let status
        do status = await watching.refresh(); while (status.daemons[0].state !== 'healthy')
        report(await ask())
        process.exit()
      })
      watching.ready.then(ask).then(report)
    }, { args: [configOf([secure, A])], env: { ...NO_STORE, SSL_CERT_FILE: store } })
    try {
      assert.match(await child.next(), /certificates cannot be checked/)
      fs.copyFileSync(certificate, store)
      child.proceed()
      assert.equal(await child.next(), network.tip.height + 1)
    } finally {
      child.kill()
    }
  })))

  test('the events of a daemon are encrypted too', LIMIT, onNetwork(4, (network, P, A, B, C) => behindTls(P, async secure => {
    const ha = await new Ha({ password: 'example' }).start({ tls: identity() })
    const config = configOf([{ ...secure, ha: { port: ha.port, password: 'example' } }, A, B, C])
    const child = new Child((report, config) => {
      const multiDaemon = new (require('.').MultiDaemon)(config)
      process.stdin.resume().on('end', () => multiDaemon.stop())
      multiDaemon.ready.then(({ healthy }) => {
        multiDaemon.on('block', ({ height }) => report(height))
        report(healthy)
      })
    }, { args: [config], env: { SSL_CERT_FILE: certificate } })
    try {
      assert.equal(await child.next(), 4)
      await until('a connection', () => ha.insiders, count => count === 1)
      const { height } = network.mine()
      ha.tell('ready')
      assert.equal(await child.next(), height)
      child.process.stdin.end()
      assert.equal((await child.ended).code, 0)
    } finally {
      child.kill()
      await ha.close()
    }
  })))

  test('to a daemon that speaks plain http is tls', LIMIT, onNetwork(4, async (network, P, A, B, C) => {
    const pool = new Pool(network, [P, A, B, { host: C.host, port: C.port, tls: true }])
    await pool.multiDaemon.ready
    assert.equal(pool.verdicts, 'healthy healthy healthy tls')
    await pool.multiDaemon.stop()
  }))
})

test('plain http to a daemon that speaks https only is no answer, and nobody else suffers', LIMIT, onPool(4, {}, async (pool, P, A, B, C) => {
  // What TLS servers answer to a request that is not TLS: an alert, and the end.
  C.behave(({ request }) => request.socket.end(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])))
  await pool.rounds()
  assert.equal(pool.verdicts, 'healthy healthy healthy invalid-reply')
}))
