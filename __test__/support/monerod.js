'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { atTheLatest } = require('./leftovers')
const { OwnProgram } = require('./own-program')
const { findProgram } = require('./program')
const { until } = require('./until')

const MONEROD = findProgram('monerod')
/** Any mainnet address will do: nobody spends what is mined here. */
const ADDRESS = '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A'
/** One answer. Long, because the first proof of work that a daemon checks takes seconds. */
const ANSWER_WITHIN = 60000

/**
 * @typedef {{ height: number, hash: string }} Tip
 */

/** One monerod on loopback, on a private chain that mines on request. */
class Monerod {
  #folder
  #removeFolder
  #program = null
  #hung = false

  /**
   * @param {object} place
   * @param {number} place.port  for its RPC
   * @param {number} place.p2pPort  for its peers
   */
  constructor ({ port, p2pPort }) {
    this.host = '127.0.0.1'
    this.port = port
    this.p2pPort = p2pPort
    /** @type {number[]} ports on loopback of its only peers */
    this.peers = []
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-monerod-'))
    this.#removeFolder = atTheLatest(() => fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 }))
  }

  get running () {
    return this.#program !== null && this.#program.running
  }

  get hung () {
    return this.#hung
  }

  toString () {
    return `${this.host}:${this.port}`
  }

  /** Starts it, with the chain that it had, and waits until it answers. */
  async start () {
    this.#program = new OwnProgram(MONEROD, this.#arguments(), { home: this.#folder })
    this.#hung = false
    const hopeless = () => this.running ? undefined : `monerod ended by itself (${this.#program.words})`
    await until(`monerod at ${this} answers`, () => this.info(), info => info.status === 'OK', { hopeless })
  }

  /** It goes on accepting connections, and answers nothing. */
  async hang () {
    this.#program.signal('SIGSTOP')
    this.#hung = true
    // On a busy machine some of its threads go on for a while after the signal, and may answer once more.
    await until(`all threads of monerod at ${this} have stopped`, () => threadStates(this.#program.pid), states => states.every(state => state === 'T'))
  }

  wake () {
    this.#program.signal('SIGCONT')
    this.#hung = false
  }

  /** Ends it without a chance to say goodbye; its chain stays. */
  async kill () {
    if (!this.running) return
    await this.#program.kill()
    this.#hung = false
  }

  async restart () {
    await this.kill()
    await this.start()
  }

  /** Ends it for good and removes what it has written. */
  async remove () {
    await this.kill()
    this.#removeFolder()
  }

  /**
   * Adds blocks to its chain.
   * @param {number} count
   * @param {string} [address]  who gets the reward
   * @returns {Promise<Tip>}
   */
  async mine (count, address = ADDRESS) {
    const { height, blocks } = await this.rpc('generateblocks', { amount_of_blocks: count, wallet_address: address, starting_nonce: 0 })
    return { height, hash: blocks[blocks.length - 1] }
  }

  /** @returns {Promise<Tip>} */
  async tip () {
    const { block_header: { height, hash } } = await this.rpc('get_last_block_header')
    return { height, hash }
  }

  /** The transactions in the blocks of its chain, in their order, but for those that pay the miners. */
  async transactions () {
    const { height } = await this.tip()
    const found = []
    // One after the other: it takes few connections at a time.
    for (let at = 0; at <= height; at++) {
      const { tx_hashes: hashes = [] } = await this.rpc('get_block', { height: at })
      found.push(...hashes)
    }
    return found
  }

  /** The transactions that wait for a block. */
  async waiting () {
    const { tx_hashes: hashes = [] } = await this.#get('/get_transaction_pool_hashes')
    return hashes
  }

  /** How many peers it has shaken hands with. */
  async connections () {
    const { connections = [] } = await this.rpc('get_connections')
    return connections.filter(({ state }) => state !== 'before_handshake').length
  }

  /** What it says of itself. */
  info () {
    return this.#get('/get_info')
  }

  /**
   * One JSON-RPC call; an error that it answers is thrown.
   * @param {string} method
   * @param {object} [params]
   */
  rpc (method, params = {}) {
    return jsonRpc(this, method, params)
  }

  async #get (path) {
    const response = await fetch(`http://${this}${path}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return response.json()
  }

  #arguments () {
    return [
      '--regtest', '--keep-fakechain', '--fixed-difficulty', '1', '--data-dir', this.#folder,
      '--p2p-bind-ip', this.host, '--p2p-bind-port', this.p2pPort, '--rpc-bind-ip', this.host, '--rpc-bind-port', this.port,
      // To every daemon, all its peers come from one address.
      '--allow-local-ip', '--hide-my-port', '--no-igd', '--max-connections-per-ip', '100',
      '--no-zmq', '--disable-dns-checkpoints', '--check-updates', 'disabled',
      // Making a certificate takes longer than all the rest of the start.
      '--rpc-ssl', 'disabled', '--disable-rpc-ban', '--non-interactive', '--max-concurrency', '1',
      ...this.peers.flatMap(port => ['--add-exclusive-node', `127.0.0.1:${port}`])
    ].map(String)
  }
}

/** One letter for each thread of a process; none where the system does not tell. */
function threadStates (pid) {
  const tasks = `/proc/${pid}/task`
  if (!fs.existsSync(tasks)) return []
  // After the program's name, which may have any characters, and stands in brackets.
  return fs.readdirSync(tasks).map(task => /\) (\S)/.exec(fs.readFileSync(`${tasks}/${task}/stat`, 'utf8'))[1])
}

/**
 * @param {{ host: string, port: number }} daemon
 * @param {string} method
 * @param {object} params
 */
async function jsonRpc ({ host, port }, method, params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method, params })
  const signal = AbortSignal.timeout(ANSWER_WITHIN)
  const response = await fetch(`http://${host}:${port}/json_rpc`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal })
  const { error, result } = await response.json()
  if (error) throw new Error(`${method} at ${host}:${port}: ${error.message} (${error.code})`)
  return result
}

module.exports = { ADDRESS, MONEROD, Monerod, jsonRpc }
