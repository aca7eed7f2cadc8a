'use strict'

const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { atTheLatest } = require('./leftovers')
const { OwnProgram } = require('./own-program')
const { freePorts } = require('./ports')
const { findProgram } = require('./program')
const { until } = require('./until')

const SERVER = findProgram('redis-server')

/** The clients that pools of today have: the package, and how it is made. */
const CLIENTS = [['redis-2', 'redis'], ['redis-3', 'redis'], ['redis-5', 'redis-5'], ['ioredis', 'ioredis']]

/** A real Redis on loopback, without anything on disk, that a test can end, stop and start again at the same port. */
class Redis {
  #program
  #undo

  static async start () {
    const [port] = await freePorts(1)
    const redis = new Redis(port)
    await redis.restart()
    return redis
  }

  constructor (port) {
    this.port = port
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-redis-'))
    this.folder = folder
    this.#undo = atTheLatest(() => fs.rmSync(folder, { recursive: true, force: true }))
  }

  async restart () {
    const program = this.#program = new OwnProgram(SERVER, ['--bind', '127.0.0.1', '--port', String(this.port), '--save', '', '--appendonly', 'no', '--dir', this.folder, '--enable-debug-command', 'yes'], { home: this.folder })
    await until('Redis to answer', () => this.ask('PING'), reply => reply === 'PONG', { hopeless: () => program.running ? undefined : `it has ended: ${program.words}` })
  }

  async kill () {
    await this.#program.kill()
  }

  /** @param {NodeJS.Signals} name */
  signal (name) {
    this.#program.signal(name)
  }

  /** One command, past all clients of the pool. */
  async ask (...words) {
    const socket = net.connect(this.port, '127.0.0.1')
    try {
      return await exchange(socket, words)
    } finally {
      socket.destroy()
    }
  }

  async remove () {
    await this.kill()
    this.#undo()
  }
}

/** Sends one command and reads its reply: enough of the protocol for strings, numbers, errors and flat lists. */
function exchange (socket, words) {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0)
    socket.setTimeout(20000, () => reject(new Error('Redis does not answer')))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('Redis closed the connection')))
    socket.on('data', bytes => {
      heard = Buffer.concat([heard, bytes])
      const [reply] = parse(heard, 0) || []
      if (reply instanceof Error) reject(reply)
      else if (reply !== undefined) resolve(reply)
    })
    const parts = words.map(word => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    socket.write(`*${words.length}\r\n${parts.join('')}`)
  })
}

/** The reply at a place, and where it ends; undefined where it is not all there. */
function parse (bytes, start) {
  const end = bytes.indexOf('\r\n', start)
  if (end < 0) return undefined
  const [kind, text] = [String.fromCharCode(bytes[start]), bytes.toString('utf8', start + 1, end)]
  if (kind === '+') return [text, end + 2]
  if (kind === ':') return [Number(text), end + 2]
  if (kind === '-') return [new Error(text), end + 2]
  const size = Number(text)
  if (size < 0) return [null, end + 2]
  if (kind === '$') return bytes.length < end + 4 + size ? undefined : [bytes.toString('utf8', end + 2, end + 2 + size), end + 4 + size]
  const list = []
  let place = end + 2
  for (let index = 0; index < size; index++) {
    const item = parse(bytes, place)
    if (!item) return undefined
    list.push(item[0])
    place = item[1]
  }
  return [list, place]
}

module.exports = { CLIENTS, Redis, SERVER }
