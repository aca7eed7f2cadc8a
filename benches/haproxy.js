'use strict'

const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const net = require('node:net')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { freePorts } = require('../__test__/support/ports')

/** It starts within milliseconds, but a machine can be busy: milliseconds. */
const LONGEST = 60000

/** Whether it is there to be compared with (Debian: apt-get install haproxy). */
function isInstalled () {
  return !spawnSync('haproxy', ['-v'], { stdio: 'ignore' }).error
}

/** A HAProxy in front of four daemons, with one of the configurations in `haproxy/`. */
class Haproxy {
  /** Gives it once it takes connections. */
  static async start (configuration, daemons) {
    const [port] = await freePorts(1)
    const names = daemons.map(({ host, port }, index) => [`DAEMON${index}`, `${host}:${port}`])
    const env = { ...process.env, PORT: String(port), ...Object.fromEntries(names) }
    const child = spawn('haproxy', ['-db', '-f', path.join(__dirname, 'haproxy', `${configuration}.cfg`)], { env, stdio: 'ignore' })
    const proxy = new Haproxy(child, { host: '127.0.0.1', port })
    try {
      await proxy.accepts()
    } catch (error) {
      await proxy.end()
      throw error
    }
    return proxy
  }

  constructor (child, address) {
    this.child = child
    this.address = address
    this.ended = once(child, 'exit')
  }

  async accepts () {
    const deadline = Date.now() + LONGEST
    while (!await connects(this.address)) {
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error('haproxy takes no connections')
      await sleep(20)
    }
  }

  async end () {
    this.child.kill('SIGKILL')
    await this.ended.catch(() => {})
  }
}

function connects ({ host, port }) {
  return new Promise(resolve => {
    const socket = net.connect(port, host)
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('close', () => {})
    socket.on('connect', () => socket.destroy())
  })
}

module.exports = { Haproxy, isInstalled }
