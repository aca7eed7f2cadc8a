'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const selfSigned = require('../nodes/self-signed')
const { atTheLatest } = require('./leftovers')
const { jsonRpc } = require('./monerod')
const { OwnProgram } = require('./own-program')
const { freePorts } = require('./ports')
const { findProgram } = require('./program')
const { until } = require('./until')

const MONERO_WALLET_RPC = findProgram('monero-wallet-rpc')

/** A monero-wallet-rpc, a pool's wallet service: it has one wallet open at a time. */
class MoneroWallet {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-wallet-'))
  #removeFolder = atTheLatest(() => fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 }))
  #program

  /**
   * Starts one, and waits until it answers.
   * @param {{ host: string, port: number }} daemon  where it asks for the chain
   */
  static async start (daemon) {
    const [port] = await freePorts(1)
    const wallet = new MoneroWallet(port, daemon)
    const hopeless = () => wallet.running ? undefined : `monero-wallet-rpc ended by itself (${wallet.#program.words})`
    await until(`monero-wallet-rpc at ${wallet} answers`, () => wallet.rpc('get_version'), ({ version }) => version > 0, { hopeless })
    return wallet
  }

  constructor (port, daemon) {
    this.host = '127.0.0.1'
    this.port = port
    this.#program = new OwnProgram(MONERO_WALLET_RPC, this.#arguments(daemon), { home: this.#folder })
  }

  get running () {
    return this.#program.running
  }

  toString () {
    return `${this.host}:${this.port}`
  }

  /** One JSON-RPC call; an error that it answers is thrown. */
  rpc (method, params) {
    return jsonRpc(this, method, params)
  }

  /** Makes a wallet, opens it in the place of the one before, and gives its address. */
  async create (name) {
    await this.rpc('create_wallet', { filename: name, language: 'English' })
    const { address } = await this.rpc('get_address')
    return address
  }

  /** Opens a wallet that was made before, in the place of the one that is open. */
  open (name) {
    return this.rpc('open_wallet', { filename: name })
  }

  /** Reads what it does not know of the chain yet, and gives how many blocks it knows then. */
  async sync () {
    await this.rpc('refresh')
    const { height } = await this.rpc('get_height')
    return height
  }

  /** Pays, and gives the transaction's hash. */
  async pay (address, amount) {
    const { tx_hash: hash } = await this.rpc('transfer', { destinations: [{ address, amount }] })
    return hash
  }

  /** What came and went, of these kinds: `in`, `out`, `pending`, `failed`. */
  async transfers (...kinds) {
    const found = await this.rpc('get_transfers', Object.fromEntries(kinds.map(kind => [kind, true])))
    return kinds.flatMap(kind => found[kind] || [])
  }

  /** Ends it for good and removes what it has written. */
  async remove () {
    await this.#program.kill()
    this.#removeFolder()
  }

  #arguments (daemon) {
    return [
      '--daemon-address', `${daemon.host}:${daemon.port}`, '--daemon-ssl', 'disabled', ...this.#certificate(), '--no-dns',
      '--wallet-dir', this.#folder, '--log-file', path.join(this.#folder, 'log'), '--non-interactive',
      '--rpc-bind-ip', this.host, '--rpc-bind-port', String(this.port), '--rpc-ssl', 'disabled', '--disable-rpc-login'
    ]
  }

  /** It has no use for one, but would make one for each wallet that it opens, which takes seconds. */
  #certificate () {
    return Object.entries({ 'private-key': selfSigned.key, certificate: selfSigned.cert }).flatMap(([name, text]) => {
      const file = path.join(this.#folder, `${name}.pem`)
      fs.writeFileSync(file, text)
      return [`--daemon-ssl-${name}`, file]
    })
  }
}

module.exports = { MONERO_WALLET_RPC, MoneroWallet }
