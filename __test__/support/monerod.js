'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { atTheLatest } = require('./leftovers')
const { findProgram } = require('./program')
const { until } = require('./until')

const MONEROD = findProgram('monerod')
/** Ends the daemon together with this process, even where that is killed and can end nothing itself. Linux only. */
const SETPRIV = findProgram('setpriv')
/** Any mainnet address will do: nobody spends what is mined here. */
const ADDRESS = '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A'
/** One answer. Long, because the first proof of work that a daemon checks takes seconds. */
const ANSWER_WITHIN = 60000
const KEPT_OUTPUT = 4000

/**
 * @typedef {{ height: number, hash: string }} Tip
 */

/** One monerod on loopback, on a private chain that mines on request. */
class Monerod {
  #folder
  #removeFolder
  #child = null
  #end = () => {}
  #hung = false
  #output = ''

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
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get hung () {
    return this.#hung
  }

  toString () {
    return `${this.host}:${this.port}`
  }

  /** Starts it, with the chain that it had, and waits until it answers. */
  async start () {
    const [program, ...args] = [...(SETPRIV ? [SETPRIV, '--pdeathsig', 'KILL'] : []), MONEROD, ...this.#arguments()]
    this.#output = ''
    // Without a home, so that no configuration of this machine's own daemon is read.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: this.#folder } })
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => this.#keep(text))
    child.on('error', error => this.#keep(error.message))
    this.#child = child
    this.#hung = false
    this.#end = atTheLatest(() => child.kill('SIGKILL'))
    const hopeless = () => this.running ? undefined : `monerod ended by itself (${this.#output.trim().slice(-600)})`
    await until(`monerod at ${this} answers`, () => this.info(), info => info.status === 'OK', { hopeless })
  }

  /** It goes on accepting connections, and answers nothing. */
  async hang () {
    this.#child.kill('SIGSTOP')
    this.#hung = true
    // On a busy machine some of its threads go on for a while after the signal, and may answer once more.
    await until(`all threads of monerod at ${this} have stopped`, () => threadStates(this.#child.pid), states => states.every(state => state === 'T'))
  }

  wake () {
    this.#child.kill('SIGCONT')
    this.#hung = false
  }

  /** Ends it without a chance to say goodbye; its chain stays. */
  async kill () {
    if (!this.running) return
    const ended = once(this.#child, 'exit')
    this.#end()
    await ended
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
   * @returns {Promise<Tip>}
   */
  async mine (count) {
    const { height, blocks } = await this.rpc('generateblocks', { amount_of_blocks: count, wallet_address: ADDRESS, starting_nonce: 0 })
    return { height, hash: blocks[blocks.length - 1] }
  }

  /** @returns {Promise<Tip>} */
  async tip () {
    const { block_header: { height, hash } } = await this.rpc('get_last_block_header')
    return { height, hash }
  }

  /** How many peers it has shaken hands with. */
  async connections () {
    const { connections = [] } = await this.rpc('get_connections')
    return connections.filter(({ state }) => state !== 'before_handshake').length
  }

  /** What it says of itself. */
  async info () {
    const response = await fetch(`http://${this}/get_info`, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return response.json()
  }

  /**
   * One JSON-RPC call; an error that it answers is thrown.
   * @param {string} method
   * @param {object} [params]
   */
  rpc (method, params = {}) {
    return jsonRpc(this, method, params)
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

  /** For the message when it does not start. */
  #keep (text) {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT)
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
