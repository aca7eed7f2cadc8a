'use strict'

// One package is packed, unpacked, and installed by a real Node.js of each platform that it has a binary for. Then it watches simulated
// daemons there, one of them over TLS. Another processor is emulated, and musl is brought: nothing here is only linked.

const assert = require('node:assert/strict')
const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')
const { after, before, describe, test } = require('node:test')
const tls = require('node:tls')

const { ARCHS, LIBCS, fileFor } = require('../../lib/source/prebuilt')
const { SimNetwork } = require('../../sim')
const { guest } = require('./guests')

const ROOT = path.join(__dirname, '..', '..')
const LOOK = path.join(__dirname, 'look.js')
const HERE = path.join(__dirname, 'here.js')
/** An emulated Node.js takes some seconds to start, and many on a busy machine. What is fetched the first time may take as long. */
const LIMIT = { timeout: 600000 }
const PLATFORMS = ARCHS.flatMap(arch => LIBCS.map(libc => ({ arch, libc })))

describe('the one package', () => {
  let folder, installed

  /** The package as npm unpacks it, and a certificate that its Node.js is told to trust. */
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'platforms-'))
    installed = path.join(folder, 'package')
    const [tarball] = run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]).trim().split('\n').reverse()
    run('tar', ['-xzf', path.join(folder, tarball), '-C', folder])
    run('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=daemon',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE',
      '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'certificate.pem')
    ])
  })

  after(() => fs.rmSync(folder, { recursive: true, force: true }))

  for (const { arch, libc } of PLATFORMS) {
    test(`is installed on linux ${arch} ${libc}, and watches daemons there`, LIMIT, async () => {
      const node = command(`node-${arch}-${libc}`, guest(arch, libc))
      // It says what it builds, and so nothing where a binary that came with it loads.
      assert.equal(run(node, ['--require', HERE, path.join(installed, 'install.js')], { env: { ...process.env, NODE_HERE: node } }), '')
      const network = await SimNetwork.start(4, { height: 50 })
      const [primary, ...others] = network.daemons
      const secure = await encrypt(others.pop())
      const ports = [...others.map(({ port }) => port), secure.address().port]
      const look = start(node, configOf([primary.port, ...ports]))
      try {
        const seen = await look.next()
        assert.deepEqual({ ...seen, loaded: seen.loaded.map(file => path.relative(installed, file)) }, {
          platform: `linux ${arch} ${libc}`,
          loaded: [path.relative(ROOT, fileFor(arch, libc))],
          mode: 'multi',
          verdicts: ['healthy', 'healthy', 'healthy', 'healthy']
        })
        await primary.crash()
        const left = await look.next()
        assert.ok(ports.includes(left.port), `it went to ${left.port}`)
        look.child.stdin.end()
        assert.equal(await look.next(), 'the end')
        assert.deepEqual(await look.ended, [0, null])
      } finally {
        look.child.kill('SIGKILL')
        secure.close()
        await network.close()
      }
    })
  }

  /** A Node.js of another platform as one program, which is what starts another one by `process.execPath`. */
  function command (name, { program, words, env = {} }) {
    const file = path.join(folder, name)
    const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`)
    fs.writeFileSync(file, `#!/bin/sh\nexec env ${[...settings, program, ...words].map(word => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 })
    return file
  }

  /** Runs look.js there. `next` gives what it tells next. */
  function start (node, config) {
    const child = spawn(node, [LOOK, installed, JSON.stringify(config)], {
      env: { ...process.env, SSL_CERT_FILE: path.join(folder, 'certificate.pem') },
      stdio: ['pipe', 'pipe', 'inherit']
    })
    const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => {
      const { value, done } = await lines.next()
      assert.ok(!done, 'it ended')
      return JSON.parse(value)
    }
    return { child, next, ended: once(child, 'close') }
  }

  /** Encrypts what is said with a daemon. */
  async function encrypt (daemon) {
    const identity = { key: fs.readFileSync(path.join(folder, 'key.pem')), cert: fs.readFileSync(path.join(folder, 'certificate.pem')) }
    const server = tls.createServer(identity, socket => {
      const onward = net.connect(daemon.port, daemon.host)
      for (const each of [socket, onward]) each.on('error', () => {})
      socket.pipe(onward).pipe(socket)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server
  }
})

/** What it prints; where it fails, that is the reason. */
function run (program, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: LIMIT.timeout, ...options })
  assert.ifError(error)
  assert.equal(status, 0, stderr)
  return stdout
}

function configOf (ports) {
  const daemons = ports.map((port, index) => ({ host: '127.0.0.1', port, tls: index === ports.length - 1 }))
  // An emulated processor takes its time to encrypt.
  return { daemon: daemons[0], multiDaemon: { enabled: true, daemons: daemons.slice(1), pollingInterval: 500, timeout: 20000, minHealthy: 2 } }
}
