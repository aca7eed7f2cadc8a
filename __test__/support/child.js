'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { until } = require('../../sim')

const ROOT = path.join(__dirname, '..', '..')

/** A Node.js process that runs one function, and what it reports. */
class Child {
  #lines = []
  #taken = 0

  /**
   * The function travels as text, so it sees nothing of the test but its arguments. The first one reports a value to the
   * test, even while its event loop is blocked; `require` starts in the project's folder.
   * @param {(report: (value: unknown) => void, ...args: any[]) => unknown} body
   * @param {object} [options]
   * @param {unknown[]} [options.args]  JSON values
   * @param {string[]} [options.flags]  for Node.js
   * @param {Record<string, string>} [options.env]  besides the test's own
   * @param {number} [options.timeout]  milliseconds until the process is killed
   * @param {number} [options.files]  how many file descriptors it may have
   */
  constructor (body, { args = [], flags = [], env = {}, timeout = 40000, files } = {}) {
    const report = "value => require('fs').writeSync(1, JSON.stringify(value) + '\\n')"
    const script = `(${body})(${[report, ...args.map(value => JSON.stringify(value))].join(', ')})`
    const command = [process.execPath, ...flags, '-e', script]
    const [program, ...words] = files === undefined ? command : ['sh', '-c', `ulimit -n ${files}; exec "$0" "$@"`, ...command]
    this.process = spawn(program, words, {
      cwd: ROOT, env: { ...process.env, ...env }, timeout, killSignal: 'SIGKILL'
    })
    this.stderr = ''
    let rest = ''
    this.process.stdout.setEncoding('utf8').on('data', text => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      this.#lines.push(...lines.map(line => JSON.parse(line)))
    })
    this.process.stderr.setEncoding('utf8').on('data', text => { this.stderr += text })
    this.process.stdin.on('error', () => {})
    /** Resolves with how it ended. */
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal, stderr: this.stderr }))
  }

  /** The next value that it reports. */
  async next () {
    const place = this.#taken++
    const { process } = this
    await until(() => place < this.#lines.length || process.exitCode !== null || process.signalCode !== null, {
      what: 'a report of a child process', timeout: 40000
    })
    // What it wrote last may arrive after its end.
    if (place >= this.#lines.length) await this.ended
    if (place >= this.#lines.length) throw new Error(`a child process ended without a report: ${this.stderr}`)
    return this.#lines[place]
  }

  /** Lets it go on where it waits for its standard input. */
  proceed () {
    this.process.stdin.write('.')
  }

  kill () {
    this.process.kill('SIGKILL')
  }
}

/** Runs a function in a process of its own, and gives what it reported first and how it ended. */
async function inChild (body, options) {
  const child = new Child(body, options)
  try {
    const report = await child.next()
    child.process.stdin.end()
    return { report, ...await child.ended }
  } finally {
    child.kill()
  }
}

module.exports = { Child, inChild }
