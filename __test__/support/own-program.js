'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { atTheLatest } = require('./leftovers')
const { findProgram } = require('./program')

/** Ends the program together with this process, even where that is killed and can end nothing itself. Linux only. */
const SETPRIV = findProgram('setpriv')
const KEPT_OUTPUT = 4000

/** A program that a test runs; it ends together with the test. */
class OwnProgram {
  #child
  #end
  #output = ''

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {object} options
   * @param {string} options.home  a folder of its own, so that no configuration of this machine's is read
   */
  constructor (program, args, { home }) {
    const [file, ...words] = [...(SETPRIV ? [SETPRIV, '--pdeathsig', 'KILL'] : []), program, ...args]
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: home } })
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => this.#keep(text))
    child.on('error', error => this.#keep(error.message))
    this.#child = child
    this.#end = atTheLatest(() => child.kill('SIGKILL'))
  }

  get pid () {
    return this.#child.pid
  }

  get running () {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What it said last. */
  get words () {
    return this.#output.trim().slice(-600)
  }

  /** @param {NodeJS.Signals} name */
  signal (name) {
    this.#child.kill(name)
  }

  /** Ends it without a chance to say goodbye. */
  async kill () {
    if (!this.running) return
    const ended = once(this.#child, 'exit')
    this.#end()
    await ended
  }

  #keep (text) {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT)
  }
}

module.exports = { OwnProgram }
