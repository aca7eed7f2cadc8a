'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { findProgram } = require('./program')
const { until } = require('./until')

/** A program in a terminal of its own, which `script` of util-linux makes. */
class Terminal {
  /** Why there is none on this machine; undefined where there is. */
  static missing () {
    return findProgram('script') ? undefined : 'script (of util-linux) is not there to make a terminal'
  }

  /**
   * @param {string[]} command  a program and its arguments; `after` is a shell command that is run in the terminal once it has ended
   * @param {object} [options]
   * @param {number} [options.columns]
   * @param {number} [options.rows]
   * @param {string} [options.before]  a shell command
   * @param {string} [options.after]
   * @param {Record<string, string>} [options.env]
   */
  constructor (command, { columns = 100, rows = 24, before = ':', after = ':', env = {} } = {}) {
    const words = command.map(word => `'${word.replace(/'/g, "'\\''")}'`).join(' ')
    const told = `sh -c 'echo "pid $$"; exec "$@"' sh ${words}`
    const line = `stty cols ${columns} rows ${rows}; ${before}; ${told}; code=$?; ${after}; exit $code`
    const { NO_COLOR, ...rest } = process.env
    this.process = spawn('script', ['-qefc', line, '/dev/null'], { env: { ...rest, TERM: 'xterm', SHELL: '/bin/sh', ...env } })
    this.output = ''
    this.process.stdout.setEncoding('utf8').on('data', text => { this.output += text })
    this.process.stdin.on('error', () => {})
    /** Resolves with the command's exit code. */
    this.ended = once(this.process, 'close').then(([code]) => code)
  }

  /** The command's own process, once it has shown something. */
  get pid () {
    return Number(/pid (\d+)/.exec(this.output)[1])
  }

  /** Presses keys. */
  press (keys) {
    this.process.stdin.write(keys)
  }

  /** Waits until it has shown something. @param {RegExp} wanted */
  async shows (wanted) {
    await until(`${wanted} on the terminal`, () => this.output, output => wanted.test(output), { hopeless: () => this.process.exitCode === null ? undefined : 'it has ended' })
  }

  end () {
    this.process.kill()
  }
}

module.exports = { Terminal }
