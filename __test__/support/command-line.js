'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { until } = require('./until')

const BIN = path.join(__dirname, '..', '..', 'lib', 'cli', 'bin.js')

/** A folder that is gone at the end, for configurations. */
class Folder {
  constructor () {
    this.path = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-cli-'))
  }

  /** Writes a file, and gives its path. */
  file (name, content) {
    const file = path.join(this.path, name)
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }

  remove () {
    fs.rmSync(this.path, { recursive: true, force: true })
  }
}

/** The command line in a process of its own, its output piped. */
class CommandLine {
  constructor (args, { cwd, env = {} } = {}) {
    this.process = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.stdout = ''
    this.stderr = ''
    for (const stream of ['stdout', 'stderr']) this.process[stream].setEncoding('utf8').on('data', text => { this[stream] += text })
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal, stdout: this.stdout, stderr: this.stderr }))
  }

  async shows (wanted) {
    await until(`${wanted} in the output`, () => this.stdout, output => wanted.test(output), {
      hopeless: () => this.process.exitCode === null ? undefined : `it has ended: ${this.stderr}`
    })
  }

  end (signal = 'SIGKILL') {
    this.process.kill(signal)
  }
}

/** Runs it to its end. */
function run (args, options) {
  return new CommandLine(args, options).ended
}

module.exports = { BIN, CommandLine, Folder, run }
